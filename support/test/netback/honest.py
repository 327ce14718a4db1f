#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""
Runs in dom0: honest traffic whose every byte is compared, cheaply, so that it is the
switch and not this program that limits it.

    honest.py serve             until it is killed
    honest.py send ADDRESS OTHER SECONDS PAUSE
                                a MiB there, again and again, with pauses of so many seconds
                                and some datagrams for OTHER in between, of which nobody
                                hears. A line for each MiB: when it was done, and how long
                                it took, in seconds.
"""

import contextlib
import socket
import sys
import time

from traffic import MIB, pattern

PORT = 7010
PATIENCE_S = 60
N_DATAGRAMS = 20


def serve():
    [expected] = pattern(1)
    got = bytearray(MIB)
    listener = socket.create_server(("", PORT))
    while True:
        sock, _ = listener.accept()
        with sock:
            while sock.recv_into(got, MIB, socket.MSG_WAITALL):
                sock.sendall(b"=" if got == expected else b"!")
                got[:] = bytes(MIB)


def send(address, other, seconds, pause):
    [piece] = pattern(1)
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with socket.create_connection((address, PORT), PATIENCE_S) as sock:
        sock.settimeout(PATIENCE_S)
        end = time.monotonic() + float(seconds)
        while time.monotonic() < end:
            begin = time.monotonic()
            sock.sendall(piece)
            if sock.recv(1) != b"=":
                sys.exit("other data has come")
            print(f"{time.monotonic():.3f} {time.monotonic() - begin:.3f}", flush=True)
            with contextlib.suppress(BlockingIOError):      # many wait for it already
                for _ in range(N_DATAGRAMS):
                    datagrams.sendto(piece[:1000], socket.MSG_DONTWAIT, (other, 9))
            time.sleep(float(pause))


{"serve": serve, "send": send}[sys.argv[1]](*sys.argv[2:])
