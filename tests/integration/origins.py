"""Origin servers on loopback for the integration tests: well-behaved, TLS, WebSocket, and broken on purpose."""
import base64
import hashlib
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time


class Origin:
    """A listener whose connections each run `serve(connection)` in a thread of their own."""

    def __init__(self, serve, tls=None, address=("127.0.0.1", 0)):
        self.serve = serve
        self.tls = tls
        self.connections = 0
        self.listener = socket.create_server(address, backlog=128, family=socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._run, args=(connection,), daemon=True).start()

    def _run(self, connection):
        try:
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            with connection:
                self.serve(connection)
        except OSError:
            pass

    def close(self):
        self.listener.close()


def read_head(connection, buffer=b""):
    """Returns (head, rest), or (None, b"") when the peer closed first."""
    while b"\r\n\r\n" not in buffer:
        data = connection.recv(65536)
        if not data:
            return None, b""
        buffer += data
    head, _, rest = buffer.partition(b"\r\n\r\n")
    return head, rest


def fields_of(head):
    return {n.strip().lower(): v.strip() for n, _, v in (l.partition(":") for l in head.decode("latin-1").split("\r\n")[1:])}


def read_body(connection, head, rest):
    """The whole body of a request, and what came after it."""
    fields = fields_of(head)
    if fields.get("transfer-encoding", "").lower() == "chunked":
        body = b""
        while True:
            while b"\r\n" not in rest:
                rest += connection.recv(65536)
            size, _, rest = rest.partition(b"\r\n")
            size = int(size.split(b";")[0], 16)
            while len(rest) < size + 2:
                rest += connection.recv(65536)
            body, rest = body + rest[:size], rest[size + 2:]
            if size == 0:
                return body, rest
    length = int(fields.get("content-length", 0))
    while len(rest) < length:
        data = connection.recv(65536)
        if not data:
            break
        rest += data
    return rest[:length], rest[length:]


def response(body=b"", status="200 OK", headers=()):
    if isinstance(body, str):
        body = body.encode()
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Recorder:
    """A well-behaved origin: keep-alive, remembers each head it saw, answers by path.

    /size/N: N bytes;  /chunked/N: N bytes in chunks;  /echo: the request's body;  an Upgrade to WebSocket: an echo;  /held: nothing, and not before
    somebody asks for /release;  a path of `pages`: that HTML;  else a small HTML page with its own title.
    """

    def __init__(self, tls=None, address=("127.0.0.1", 0), pages=None):
        self.heads = []
        self.pages = pages or {}
        self.releases = threading.Semaphore(0)
        self.origin = Origin(self._serve, tls, address)
        self.port = self.origin.port

    def _serve(self, connection):
        rest = b""
        while True:
            head, rest = read_head(connection, rest)
            if head is None:
                return
            self.heads.append(head)
            fields = fields_of(head)
            if fields.get("expect") == "100-continue":
                connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            body, rest = read_body(connection, head, rest)
            method, target = head.decode("latin-1").split(" ")[:2]
            if fields.get("upgrade", "").lower() == "websocket":
                websocket_echo(connection, fields, rest)
                return
            self._answer(connection, method, target, body)

    def _answer(self, connection, method, target, body):
        if target.startswith("/size/"):
            size = int(target.split("/")[2])
            connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\nContent-Type: application/octet-stream\r\n\r\n".encode())
            if method != "HEAD":
                send_pattern(connection, size)
        elif target.startswith("/chunked/"):
            size = int(target.split("/")[2])
            connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            body = pattern(size)
            for begin in range(0, size, 50000):
                part = body[begin:begin + 50000]
                connection.sendall(b"%x\r\n" % len(part) + part + b"\r\n")
            connection.sendall(b"0\r\n\r\n")
        elif target == "/echo":
            connection.sendall(response(body))
        elif target == "/held":
            self.releases.acquire(timeout=30)
            connection.sendall(response())
        elif target == "/release":
            self.releases.release()
            connection.sendall(response())
        else:
            page = self.pages.get(target, f"<!doctype html><title>origin {target}</title><h1>Hello from the origin</h1>")
            answer = response(page, headers=["Content-Type: text/html"])
            connection.sendall(answer if method != "HEAD" else answer[:-len(page.encode())])


def on_one_port(*addresses):
    """A Recorder on each of them, all on the same port."""
    while True:
        made = [Recorder(address=(addresses[0], 0))]
        try:
            for address in addresses[1:]:
                made.append(Recorder(address=(address, made[0].port)))
            return made
        except OSError:  # somebody's connection has it there
            for one in made:
                one.origin.close()


class ParentProxy:
    """A provider's proxy: every name leads to 127.0.0.1. Remembers the first line of each request; `refuse`: names it answers 403."""

    def __init__(self, refuse=()):
        self.lines = []
        self.refuse = refuse
        self.origin = Origin(self._serve)
        self.port = self.origin.port

    def _serve(self, client):
        rest = b""
        while True:
            head, rest = read_head(client, rest)
            if head is None:
                return
            line = head.split(b"\r\n")[0].decode("latin-1")
            self.lines.append(line)
            method, target, _ = line.split(" ")
            if method == "CONNECT":
                host, _, port = target.rpartition(":")
                if host in self.refuse:
                    client.sendall(response(b"no", "403 Forbidden"))
                    continue
                with socket.create_connection(("127.0.0.1", int(port))) as upstream:
                    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                    splice(client, upstream)
                return
            authority, _, path = target.removeprefix("http://").partition("/")
            host, _, port = authority.partition(":")
            if host in self.refuse:
                client.sendall(response(b"no", "403 Forbidden"))
                continue
            body, rest = read_body(client, head, rest)
            with socket.create_connection(("127.0.0.1", int(port or 80))) as upstream:
                fields = b"\r\n".join(head.split(b"\r\n")[1:])
                upstream.sendall(f"{method} /{path} HTTP/1.1\r\nConnection: close\r\n".encode() + fields + b"\r\n\r\n" + body)
                answer, more = read_head(upstream)
                length = int(fields_of(answer)["content-length"])
                while len(more) < length:
                    more += upstream.recv(65536)
                client.sendall(answer + b"\r\n\r\n" + more)


def splice(left, right):
    def pump(source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    back = threading.Thread(target=pump, args=(right, left), daemon=True)
    back.start()
    pump(left, right)
    back.join()


def pattern(size):
    block = bytes(range(256)) * 4
    return (block * (size // len(block) + 1))[:size]


def send_pattern(connection, size):
    block = pattern(1 << 20)
    while size > 0:
        connection.sendall(block[:size])
        size -= min(size, len(block))


def websocket_head(fields):
    key = fields["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
    return ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept}\r\n\r\n").encode()


def websocket_echo(connection, fields, rest):
    connection.sendall(websocket_head(fields))

    def take(n):
        nonlocal rest
        while len(rest) < n:
            data = connection.recv(65536)
            if not data:
                raise OSError("closed")
            rest += data
        out, rest = rest[:n], rest[n:]
        return out

    while True:
        first, second = take(2)
        length = second & 0x7F
        if length == 126:
            length = int.from_bytes(take(2), "big")
        mask, payload = take(4), None
        payload = bytes(b ^ mask[i % 4] for i, b in enumerate(take(length)))
        header = bytes([first, length]) if length < 126 else bytes([first, 126]) + length.to_bytes(2, "big")
        connection.sendall(header + payload)
        if first & 0x0F == 8:
            return


class TestAuthority:
    """A certificate authority made for one test run, and server contexts for names it signs."""

    def __init__(self, name="Schoolgate test CA"):
        self.folder = tempfile.mkdtemp(prefix="schoolgate-ca-")
        self.certificate = os.path.join(self.folder, "ca.pem")
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                      "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=" + name)

    def _openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)

    def context(self, *names):
        stem = names[0]
        with open(os.path.join(self.folder, stem + ".ext"), "w") as out:
            out.write("subjectAltName=" + ",".join("DNS:" + n for n in names))
        self._openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", stem + ".key",
                      "-out", stem + ".csr", "-subj", "/CN=" + stem)
        self._openssl("x509", "-req", "-in", stem + ".csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
                      "-extfile", stem + ".ext", "-out", stem + ".crt")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.path.join(self.folder, stem + ".crt"), os.path.join(self.folder, stem + ".key"))
        return context

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)
