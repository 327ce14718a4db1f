#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""
Runs in dom0: traffic whose contents are checked, and a measure of requests and
responses.

    traffic.py serve                    until it is killed
    traffic.py stream ADDRESS MIB       there and back, by sum
    traffic.py datagrams ADDRESS BYTES...   each echoed as it was
    traffic.py sum MIB                  of so many of what "serve" sends
    traffic.py ask ADDRESS SECONDS      one byte there and back; how many a second
    traffic.py rate ADDRESS MIB         there; Mbit/s
    traffic.py whole ADDRESS BYTES      a datagram that must not be fragmented
    traffic.py frames DEVICE TO FROM COUNT  of 60 bytes
    traffic.py hear DEVICE FROM SECONDS     how many of these come in
"""

import hashlib
import random
import socket
import sys
import threading
import time

SUM, SOURCE, ECHO, UDP = 7001, 7002, 7003, 7004     # ports
MIB = 1 << 20


def pattern(mib):
    """So many pieces of a MiB, different from each other, the same each time."""
    base = random.Random(1).randbytes(MIB)
    for i in range(mib):
        yield base[i * 997:] + base[:i * 997]


def digest(pieces):
    total = hashlib.sha256()
    for piece in pieces:
        total.update(piece)
    return total.hexdigest()


def received(sock):
    while data := sock.recv(MIB):
        yield data


def give_sum(sock):
    """Of what comes until the other end has no more."""
    sock.sendall(digest(received(sock)).encode() + b"\n")


def give_pattern(sock):
    """As many MiB of it as the line says."""
    for piece in pattern(int(sock.makefile().readline())):
        sock.sendall(piece)


def give_back(sock):
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while data := sock.recv(4096):
        sock.sendall(data)


def give_back_datagrams():
    sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    sock.bind(("::", UDP))
    while True:
        data, peer = sock.recvfrom(65536)
        sock.sendto(data, peer)


def answer(sock, function):
    with sock:
        try:
            function(sock)
        except (OSError, ValueError):
            pass                        # the other end has gone


def listen(port, function):
    listener = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)
    while True:
        threading.Thread(target=answer, args=(listener.accept()[0], function),
                         daemon=True).start()


def serve():
    for port, function in ((SUM, give_sum), (SOURCE, give_pattern), (ECHO, give_back)):
        threading.Thread(target=listen, args=(port, function)).start()
    give_back_datagrams()


def stream(address, mib):
    with socket.create_connection((address, SUM), 10) as sock:
        sock.settimeout(60)
        for piece in pattern(mib):
            sock.sendall(piece)
        sock.shutdown(socket.SHUT_WR)
        there = sock.makefile().readline().strip()
    with socket.create_connection((address, SOURCE), 10) as sock:
        sock.settimeout(60)
        sock.sendall(b"%d\n" % mib)
        back = digest(received(sock))
    expected = digest(pattern(mib))
    if there != expected or back != expected:
        sys.exit(f"there {there == expected}, back {back == expected}")


def datagrams(address, sizes):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.connect((address, UDP))
    sock.settimeout(5)
    for size in sizes:
        data = random.Random(size).randbytes(size)
        sock.send(data)
        try:
            back = sock.recv(65536)
        except TimeoutError:
            sys.exit(f"{size} bytes are lost")
        if back != data:
            sys.exit(f"{size} bytes came back as {len(back)} others")


def ask(address, seconds):
    with socket.create_connection((address, ECHO), 10) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        n, end = 0, time.monotonic() + seconds
        while time.monotonic() < end:
            for _ in range(50):
                sock.send(b"x")
                sock.recv(1)
            n += 50
    print(round(n / (seconds + time.monotonic() - end)))


def rate(address, mib):
    with socket.create_connection((address, SUM), 10) as sock:
        sock.settimeout(120)
        begin = time.monotonic()
        for piece in pattern(mib):
            sock.sendall(piece)
        sock.shutdown(socket.SHUT_WR)
        sock.recv(100)
    print(round(8 * mib * MIB / 1e6 / (time.monotonic() - begin), 1))


def whole(address, size):
    """Echoed as it was, or lost; an error where this host does not send it."""
    is_v6 = ":" in address
    sock = socket.socket(socket.AF_INET6 if is_v6 else socket.AF_INET, socket.SOCK_DGRAM)
    # IP_MTU_DISCOVER, IPV6_MTU_DISCOVER: IP_PMTUDISC_DO
    sock.setsockopt(*(socket.IPPROTO_IPV6, 23, 2) if is_v6 else (socket.IPPROTO_IP, 10, 2))
    sock.settimeout(2)
    sock.sendto(bytes(size), (address, UDP))
    try:
        print("whole" if len(sock.recv(65536)) == size else "cut")
    except TimeoutError:
        print("lost")


def address_of(text):
    return bytes.fromhex(text.replace(":", ""))


def packets(device):
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    sock.bind((device, 3))
    return sock


def frames(device, to, source, count):
    """Of a local experimental type (IEEE 802.1)."""
    sock = packets(device)
    for _ in range(count):
        sock.send(address_of(to) + address_of(source) + b"\x88\xb5" + bytes(46))


def hear(device, source, seconds):
    sock, n, end = packets(device), 0, time.monotonic() + seconds
    print("ready", flush=True)
    while (left := end - time.monotonic()) > 0:
        sock.settimeout(left)
        try:
            data, peer = sock.recvfrom(2048)
            n += data[6:12] == address_of(source) and peer[2] != socket.PACKET_OUTGOING
        except TimeoutError:
            pass
    print(n)


def main(command, *words):
    if command == "serve":
        serve()
    elif command == "stream":
        stream(words[0], int(words[1]))
    elif command == "sum":
        print(digest(pattern(int(words[0]))))
    elif command == "datagrams":
        datagrams(words[0], [int(word) for word in words[1:]])
    elif command == "rate":
        rate(words[0], int(words[1]))
    elif command == "whole":
        whole(words[0], int(words[1]))
    elif command == "frames":
        frames(*words[:3], int(words[3]))
    elif command == "hear":
        hear(*words[:2], float(words[2]))
    else:
        ask(words[0], float(words[1]))


if __name__ == "__main__":
    main(*sys.argv[1:])
