"""HTTP/2 by hand for the tests: frames as they are wanted, right or wrong, and literal HPACK without Huffman codes."""
import socket
import ssl

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, ACK, END_HEADERS = 1, 1, 4
NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR, FLOW_CONTROL_ERROR, REFUSED_STREAM, CANCEL, ENHANCE_YOUR_CALM = 0, 1, 2, 3, 7, 8, 11
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


NO_TABLE = b"\0\1\0\0\0\0"  # SETTINGS_HEADER_TABLE_SIZE 0: nothing is said by reference to what was said before


def frame(kind, flags, stream, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def text(value):
    value = value if isinstance(value, bytes) else value.encode()
    length = len(value)
    if length < 127:
        return bytes([length]) + value
    out, rest = b"\x7f", length - 127
    while rest >= 128:
        out, rest = out + bytes([rest % 128 | 128]), rest // 128
    return out + bytes([rest]) + value


def block(fields):
    return b"".join(b"\x00" + text(name) + text(value) for name, value in fields)


def request(host, path="/", method="GET", more=()):
    return [(":method", method), (":scheme", "https"), (":authority", host), (":path", path), *more]


# Of the codes of HPACK only those of the digits: a status is all these tests read of a head.
_DIGITS = {"00000": "0", "00001": "1", "00010": "2", "011001": "3", "011010": "4", "011011": "5", "011100": "6", "011101": "7",
           "011110": "8", "011111": "9"}


def status_of(head):
    """Of a block that begins with :status, as every response does; size updates of the table before it are passed over."""
    while head[0] & 0xe0 == 0x20:
        head = head[1:]
    if head[0] & 0x80:
        return [200, 204, 206, 304, 400, 404, 500][(head[0] & 0x7f) - 8]
    size, value = head[1] & 0x7f, head[2:2 + (head[1] & 0x7f)]
    if not head[1] & 0x80:
        return int(value)
    bits, out = "".join(f"{b:08b}" for b in value[:size]), ""
    while len(out) < 3:
        code = bits[:5] if bits[:5] in _DIGITS else bits[:6]
        out, bits = out + _DIGITS[code], bits[len(code):]
    return int(out)


class Client:
    """One connection through the proxy, opened by it. Its windows open only by `window()`, unless `settings` says more."""

    def __init__(self, proxy, host, port, settings=b"", hello=True):
        self.socket = proxy.connect()
        self.socket.sendall(f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        assert b" 200 " in self.socket.recv(4096)
        context = ssl.create_default_context(cafile=proxy.ca)
        context.set_alpn_protocols(["h2", "http/1.1"])
        self.socket = context.wrap_socket(self.socket, server_hostname=host)
        self.authority = f"{host}:{port}"
        self.protocol = self.socket.selected_alpn_protocol()
        self.buffer = b""
        self.statuses, self.bodies, self.resets, self.ended = {}, {}, {}, set()
        self.goaway = None
        self.closed = False
        if hello:
            self.send(PREFACE + frame(SETTINGS, 0, 0, NO_TABLE + settings))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        """False: the proxy has closed."""
        try:
            self.socket.sendall(data)
            return True
        except OSError:
            self.closed = True
            return False

    def ask(self, stream, path="/", method="GET", more=(), ends=True, authority=None):
        fields = request(authority or self.authority, path, method, more)
        return self.send(frame(HEADERS, END_HEADERS | (END_STREAM if ends else 0), stream, block(fields)))

    def window(self, stream, size):
        return self.send(frame(WINDOW_UPDATE, 0, stream, size.to_bytes(4, "big")))

    def reset(self, stream, error=CANCEL):
        return self.send(frame(RST_STREAM, 0, stream, error.to_bytes(4, "big")))

    def read(self, until, seconds=10, answers=True):
        """Reads frames until `until(self)`; True if it came to that before the end, the deadline or silence."""
        self.socket.settimeout(seconds)
        while not until(self):
            while len(self.buffer) < 9 or len(self.buffer) < 9 + int.from_bytes(self.buffer[:3], "big"):
                try:
                    more = self.socket.recv(65536)
                except (TimeoutError, socket.timeout):
                    return False
                except OSError:
                    more = b""
                if not more:
                    self.closed = True
                    return until(self)
                self.buffer += more
            size = int.from_bytes(self.buffer[:3], "big")
            kind, flags, stream = self.buffer[3], self.buffer[4], int.from_bytes(self.buffer[5:9], "big")
            payload, self.buffer = self.buffer[9:9 + size], self.buffer[9 + size:]
            self._take(kind, flags, stream, payload, answers)
        return True

    def _take(self, kind, flags, stream, payload, answers):
        if kind == HEADERS:
            seen = self.statuses.setdefault(stream, [])
            seen.append(status_of(payload) if not seen or seen[-1] < 200 else "trailers")
        elif kind == DATA:
            self.bodies[stream] = self.bodies.get(stream, b"") + payload
        elif kind == RST_STREAM:
            self.resets[stream] = int.from_bytes(payload, "big")
        elif kind == GOAWAY:
            self.goaway = int.from_bytes(payload[4:8], "big")
        elif kind == SETTINGS and not flags & ACK and answers:
            self.send(frame(SETTINGS, ACK, 0))
        if kind in (HEADERS, DATA) and flags & END_STREAM:
            self.ended.add(stream)
