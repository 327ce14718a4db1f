# SPDX-License-Identifier: BSD-3-Clause
"""The image of these tests, the switch in app/, and what comes out of a cable."""
import os
import socket
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
TREE = os.path.realpath(os.path.join(HERE, "..", "..", ".."))
sys.path.insert(0, f"{TREE}/support/test/unit")

from unitlib import BuildError, Results                         # noqa: E402,F401

A, B, TEST = b"\x02\0\0\0\0\xaa", b"\x02\0\0\0\0\xbb", b"\x02\0\0\0\0\x01"
ALL = b"\xff" * 6
OTHER, ASK = b"\x88\xb6", b"\x88\xb5"
results = Results()


def build(folder, platform="kvm"):
    app = f"{HERE}/app"
    make = ["make", "-s", "-C", TREE, f"A={app}", f"O={folder}/build", f"C={folder}/config"]
    for goal in (["defconfig", f"DEFCONFIG={app}/defconfig"], [platform]):
        done = subprocess.run(make + goal, capture_output=True, text=True, check=False)
        if done.returncode:
            raise BuildError((done.stderr or done.stdout)[-2000:])
    return f"{folder}/build/nettest_{platform}-x86_64"

class Cable:
    """The far end of a card's cable: QEMU sends each frame in a UDP packet."""

    def __init__(self, name):
        self.end, card = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        for s in self.end, card:
            s.bind(("127.0.0.1", 0))
        self.end.settimeout(2)
        self.end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.card = card.getsockname()
        card.close()
        self.netdev = (f"socket,id={name},udp=127.0.0.1:{self.end.getsockname()[1]},"
                       f"localaddr=127.0.0.1:{self.card[1]}")

    def send(self, frame):
        self.end.sendto(frame, self.card)

    def receive(self):
        try:
            return self.end.recv(65536)
        except socket.timeout:
            return None

    def ask(self, question):
        self.send(TEST + A + ASK + question)


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def pattern(first, n):
    return bytes((i * 7 + i // 251) & 0xFF for i in range(first, first + n))


def is_whole_tcp4(frame):
    ip, tcp = frame[14:34], frame[34:]
    pseudo = ip[12:20] + struct.pack(">HH", 6, len(tcp))
    return (checksum(ip) == 0xFFFF and struct.unpack(">H", ip[2:4])[0] == len(frame) - 14 and
            not ip[6] & 0x3F and checksum(pseudo + tcp) == 0xFFFF)


def is_whole_tcp6(frame):
    ip, tcp = frame[14:54], frame[54:]
    pseudo = ip[8:40] + struct.pack(">II", len(tcp), 6)
    return struct.unpack(">H", ip[4:6])[0] == len(tcp) and checksum(pseudo + tcp) == 0xFFFF


def check_cutting(cable, name, kind, headers, is_whole):
    n = 20001
    cable.ask(bytes([kind]) + struct.pack(">HI", 1400, n))
    data, bad = {}, 0
    while sum(map(len, data.values())) < n:
        frame = cable.receive()
        if frame is None:
            break
        bad += not is_whole(frame) or len(frame) > headers + 1400
        data[struct.unpack(">I", frame[headers - 16:headers - 12])[0]] = frame[headers:]
    got = b"".join(data[seq] for seq in sorted(data))
    results.check(f"{name}.large_packet_is_cut", got == pattern(0, n) and not bad,
                  f"{len(data)} segments, {bad} bad, {len(got)} bytes")


def check_checksum(cable, name):
    for n in (1, 18, 301, 1472):
        cable.ask(b"\x02" + struct.pack(">I", n))
        frame = cable.receive() or bytes(60)
        ip, udp = frame[14:34], frame[34:42 + n]
        pseudo = ip[12:20] + struct.pack(">HH", 17, len(udp))
        results.check(f"{name}.checksum_of_{n}", udp[8:] == pattern(0, n) and udp[6:8] != b"\0\0" and
                      checksum(pseudo + udp) == 0xFFFF, frame[:60].hex())


def check_burst(cable, name):
    """More than the ring has descriptors: the rest waits, in order."""
    cable.ask(b"\x04" + struct.pack(">I", 400))
    got = []
    while len(got) < 400 and (frame := cable.receive()):
        got.append(struct.unpack(">H", frame[14:16])[0])
    results.check(f"{name}.burst_arrives_in_order", got == list(range(400)), f"{len(got)}: {got[:5]}")


def check_offloads(cable, name):
    check_cutting(cable, f"{name}.ipv4", 1, 54, is_whole_tcp4)
    check_cutting(cable, f"{name}.ipv6", 3, 74, is_whole_tcp6)
    check_checksum(cable, name)
    check_burst(cable, name)
