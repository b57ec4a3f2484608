"""A name server for the integration tests: one UDP socket on loopback, answers by script."""
import ipaddress
import socket
import struct
import threading

A, CNAME, AAAA = 1, 5, 28


def wire_name(name):
    return b"".join(bytes([len(l)]) + l.encode() for l in name.split(".") if l) + b"\0"


def read_name(packet, at):
    labels = []
    while packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode("latin-1").lower())
        at += packet[at] + 1
    return ".".join(labels), at + 1


class NameServer:
    """`zone`: name -> list of records, or a function (question number, type) -> such a list. A record is an address, the name that a
    CNAME points to (with what is under that name after it), or raw bytes that replace the whole answer after its ID. None: silence."""

    def __init__(self, zone, ttl=0):
        self.zone, self.ttl, self.asked = zone, ttl, {}
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self):
        self.socket.close()

    def _serve(self):
        while True:
            try:
                packet, peer = self.socket.recvfrom(4096)
                answer = self._answer(packet)
                if answer is not None:
                    self.socket.sendto(answer, peer)
            except OSError:
                return

    def _answer(self, packet):
        name, end = read_name(packet, 12)
        kind = struct.unpack("!H", packet[end:end + 2])[0]
        question = packet[12:end + 4]
        number = self.asked[name, kind] = self.asked.get((name, kind), 0) + 1
        records = self.zone.get(name)
        if callable(records):
            records = records(number, kind)
        if records is None:
            if name in self.zone:
                return None
            return packet[:2] + struct.pack("!HHHHH", 0x8183, 1, 0, 0, 0) + question
        if isinstance(records, bytes):
            return packet[:2] + records
        out, count = self._records(name, records, kind)
        return packet[:2] + struct.pack("!HHHHH", 0x8180, 1, count, 0, 0) + question + out

    def _records(self, owner, records, kind, depth=0):
        out, count = b"", 0
        for record in records:
            try:
                address = ipaddress.ip_address(record)
            except ValueError:
                data = wire_name(record)
                out += self._record(owner, CNAME, data)
                more, n = self._records(record, self.zone.get(record.lower(), []), kind, depth + 1) if depth < 20 else (b"", 0)
                out, count = out + more, count + 1 + n
                continue
            if kind == (A if address.version == 4 else AAAA):
                out, count = out + self._record(owner, kind, address.packed), count + 1
        return out, count

    def _record(self, owner, kind, data):
        return wire_name(owner) + struct.pack("!HHIH", kind, 1, self.ttl, len(data)) + data
