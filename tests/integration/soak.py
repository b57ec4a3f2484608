#!/usr/bin/env python3
"""Mixed traffic for minutes or hours: every answer is checked, and at the end memory and descriptors are where they were.

  soak.py [SECONDS] [--rate OPERATIONS_A_SECOND]

A bounded generator (`--rate` new operations a second, at most 150 at a time, 60 tunnels held throughout) sends what a school does and
what it should not: pages of every framing, uploads, blocked sites, tunnels with and without TLS, the block page inside TLS, names that
are looked up; origins that reset, lie, cut, drip or say nothing; clients that reset, dribble or stop reading. Meanwhile the policy is
reloaded, also with changes and with errors. At checkpoints the traffic pauses until all of it has ended, and what the proxy holds is
written down. Exits with 1 if an answer was wrong or something grew.
"""
import argparse
import asyncio
import collections
import random
import signal
import socket
import ssl
import struct
import sys
import time

import origins
from dns import NameServer
from harness import STAFF, Proxy

ECHO_SOURCE = "127.0.0.2"  # the staff's tier: tunnels of any protocol
NAMES = [f"n{i}.test" for i in range(300)]
AT_ONCE, HELD = 150, 60
CHECKPOINTS = 6  # the first follows the warm-up
MEMORY_SLACK_KIB, DESCRIPTOR_SLACK = 4096, 8


def abort(writer):
    """Closes with a reset."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def read_response(reader, method="GET"):
    """Status and body; (0, b"") when the proxy closed first. A body that was cut raises."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return 0, b""
    fields = origins.fields_of(head[:-4])
    status = int(head[9:12])
    if method == "CONNECT" and status == 200:
        return status, b""
    if fields.get("transfer-encoding") == "chunked":
        body = b""
        while size := int(await reader.readuntil(b"\r\n"), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readexactly(2)
        return status, body
    if "content-length" in fields:
        return status, await reader.readexactly(int(fields["content-length"]))
    return status, await reader.read()


class Origin:
    """Answers by path: /size/N /chunked/N /close/N /echo, and badly: /reset /cut /garbage /silent /drip."""

    async def start(self, tls):
        self.servers = [await asyncio.start_server(self.serve, "127.0.0.1", 0, backlog=512),
                        await asyncio.start_server(self.serve, "127.0.0.1", 0, backlog=512, ssl=tls),
                        await asyncio.start_server(self.echo, "127.0.0.1", 0, backlog=512)]
        self.port, self.tls_port, self.echo_port = (s.sockets[0].getsockname()[1] for s in self.servers)

    async def echo(self, reader, writer):
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
            writer.write(b"tail")  # after the client's half-close
            writer.close()
        except OSError:
            writer.close()

    async def serve(self, reader, writer):
        try:
            while await self.answer(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError):
            pass
        writer.close()

    async def answer(self, reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        kind, _, size = head.split(b" ")[1].decode()[1:].partition("/")
        size, chunked = int(size or 0), b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        if kind == "echo":
            body = await reader.readexactly(int(origins.fields_of(head[:-4])["content-length"]))
            writer.write(origins.response(body))
        elif kind == "chunked":
            writer.write(chunked + b"".join(b"%x\r\n" % n + bytes(n) + b"\r\n" for n in (size // 2, size - size // 2) if n) + b"0\r\n\r\n")
        elif kind == "close":
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + bytes(size))
            await writer.drain()
            return False
        elif kind == "reset":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + bytes(1000))
            await writer.drain()
            abort(writer)
            return False
        elif kind == "cut":
            writer.write(chunked + b"ff\r\nhalf")
            return False
        elif kind == "garbage":
            writer.write(b"\0\1\2 nonsense\r\n\r\n")
            return False
        elif kind == "silent":
            await reader.read(1)
            return False
        elif kind == "drip":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
            for _ in range(10):
                await asyncio.sleep(0.1)
                writer.write(b"x")
                await writer.drain()
        else:
            writer.write(origins.response(bytes(size)))
        await writer.drain()
        return True


class Soak:
    def __init__(self, seconds, rate):
        self.seconds, self.rate = seconds, rate
        self.random = random.Random(4)
        self.done, self.wrong, self.points = collections.Counter(), [], []
        self.running, self.held, self.reloads, self.blocked_names = set(), [], 0, []
        self.operations = [(40, self.pages), (15, self.blocked), (8, self.upload), (15, self.names), (4, self.bad_origin), (4, self.vanish),
                           (3, self.slow_reader), (2, self.slow_head), (10, self.tunnel), (4, self.tls_tunnel), (2, self.page_inside)]

    # --- what clients do; each raises AssertionError when the answer is wrong ---

    async def open(self, source=None):
        return await asyncio.open_connection("127.0.0.1", self.proxy.port, local_addr=(source, 0) if source else None)

    def head(self, path, host="ok.test", method="GET", fields=""):
        return f"{method} http://{host}:{self.origin.port}{path} HTTP/1.1\r\nHost: x\r\n{fields}\r\n".encode()

    async def ask(self, message, reader, writer):
        writer.write(message)
        await writer.drain()
        return await read_response(reader)

    async def pages(self):
        reader, writer = await self.open()
        for _ in range(self.random.randint(1, 8)):
            kind, size = self.random.choice(["size", "size", "chunked", "close", "drip"]), int(2 ** self.random.uniform(0, 18))
            status, body = await self.ask(self.head(f"/{kind}/{size}"), reader, writer)
            assert (status, len(body)) == (200, 10 if kind == "drip" else size), (kind, status, len(body))
        writer.close()

    async def blocked(self):
        reader, writer = await self.open()
        hosts = ["bet.test", "blocked.test", "a.lucky.test", "adult.test", "games.test", *self.blocked_names[-3:]]
        for host in self.random.sample(hosts, 3):
            status, _ = await self.ask(self.head("/size/10", host), reader, writer)
            assert status == 403, (host, status)
        status, _ = await self.ask(self.head("/size/10"), reader, writer)
        assert status == 200, status
        writer.close()

    async def upload(self):
        reader, writer = await self.open()
        body = self.random.randbytes(int(2 ** self.random.uniform(0, 18)))
        status, back = await self.ask(self.head("/echo", method="POST", fields=f"Content-Length: {len(body)}\r\n") + body, reader, writer)
        assert status == 200 and back == body, (status, len(back), len(body))
        writer.close()

    async def names(self):
        reader, writer = await self.open()
        for name in self.random.sample(NAMES, 4):
            status, _ = await self.ask(self.head("/size/100", name), reader, writer)
            assert status == 200, (name, status)
        status, _ = await self.ask(self.head("/", "unknown.invalid"), reader, writer)
        assert status in (502, 504), status
        writer.close()

    async def bad_origin(self):
        kind = self.random.choice(["reset", "cut", "garbage", "silent"])
        reader, writer = await self.open()
        try:
            status, body = await self.ask(self.head("/" + kind), reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            status = 0
        assert status in {"reset": (0, 502), "cut": (0, 502), "garbage": (502,), "silent": (504,)}[kind], (kind, status)
        writer.close()

    async def vanish(self):
        reader, writer = await self.open()
        connect = f"CONNECT ok.test:{self.origin.tls_port} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        message = self.random.choice([b"", b"GET http://ok", self.head("/size/5000000"), self.head("/silent"), connect, connect + b"\x16\x03\x01\x02",
                                      self.head("/echo", method="POST", fields="Content-Length: 1000\r\n") + b"half"])
        writer.write(message)
        await writer.drain()
        await asyncio.sleep(self.random.uniform(0, 0.3))
        abort(writer)

    async def slow_reader(self):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.proxy.port, limit=4096)
        writer.write(self.head("/size/4000000"))
        for _ in range(20):
            await reader.read(1024)
            await asyncio.sleep(0.1)
        abort(writer)

    async def slow_head(self):
        reader, writer = await self.open()
        message = self.head("/size/1")
        for at in range(0, len(message), 4):
            writer.write(message[at:at + 4])
            await asyncio.sleep(0.05)
        status, _ = await read_response(reader)
        assert status == 200, status
        writer.close()

    async def open_tunnel(self, host, port, source=None):
        reader, writer = await self.open(source)
        writer.write(f"CONNECT {host}:{port} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        status, _ = await read_response(reader, "CONNECT")
        assert status == 200, status
        return reader, writer

    async def tunnel(self):
        reader, writer = await self.open_tunnel("ok.test", self.origin.echo_port, ECHO_SOURCE)
        data = self.random.randbytes(int(2 ** self.random.uniform(4, 20)))
        writer.write(data)
        writer.write_eof()
        back = await reader.read(-1)
        assert back == data + b"tail", (len(back), len(data))
        writer.close()

    async def tls_tunnel(self):
        reader, writer = await self.open_tunnel("secure.test", self.origin.tls_port)
        await writer.start_tls(self.trusts_origin, server_hostname="secure.test")
        status, body = await self.ask(b"GET /size/3000 HTTP/1.1\r\nHost: secure.test\r\n\r\n", reader, writer)
        assert (status, len(body)) == (200, 3000), (status, len(body))
        writer.close()

    async def page_inside(self):
        host = self.random.choice(["bet.test", "adult.test"])
        reader, writer = await self.open_tunnel(host, 443)
        await writer.start_tls(self.trusts_school, server_hostname=host)
        status, _ = await self.ask(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode(), reader, writer)
        assert status == 403, status
        writer.close()

    # --- the run ---

    async def operate(self, operation):
        try:
            await asyncio.wait_for(operation(), 30)
            self.done[operation.__name__] += 1
        except (AssertionError, OSError, EOFError, ValueError, TimeoutError) as error:
            self.wrong.append(f"{time.time() - self.begin:.0f} s: {operation.__name__}: {error!r}")

    async def traffic(self, until):
        weights, operations = zip(*self.operations)
        next_one, next_reload, next_ping = time.time(), time.time() + 2, time.time()
        reload = None
        while time.time() < until:
            if len(self.running) < AT_ONCE:
                task = asyncio.create_task(self.operate(self.random.choices(operations, weights)[0]))
                self.running.add(task)
                task.add_done_callback(self.running.discard)
            if time.time() > next_reload and (reload is None or reload.done()):
                next_reload = time.time() + 5
                reload = asyncio.create_task(self.operate(self.reload))
            if time.time() > next_ping:
                next_ping = time.time() + 3
                await self.operate(self.ping)
            next_one += 1 / self.rate
            await asyncio.sleep(max(0, next_one - time.time()))
        while self.running or (reload and not reload.done()):
            await asyncio.sleep(0.1)

    async def command(self, *arguments):
        return await asyncio.to_thread(self.proxy.command, *arguments, check=False)

    async def reload(self):
        """By turns: a list that changed, nothing new, by signal, a file with an error."""
        turn, self.reloads = self.reloads % 4, self.reloads + 1
        if turn == 0:
            self.proxy.write("lists/gambling.txt", f"bet.test\n*.lucky.test\nlater-{self.reloads}.test\n")
            self.blocked_names = []
            assert (await self.command("reload")).returncode == 0
            self.blocked_names = [f"later-{self.reloads}.test"]
        elif turn == 1:
            assert (await self.command("reload")).returncode == 0
        elif turn == 2:
            self.proxy.process.send_signal(signal.SIGHUP)
        else:
            self.proxy.write("tiers.d/staff.yaml", "version: 1\ntier: staff\nblok: [x]\n")
            assert (await self.command("reload")).returncode == 3
            self.proxy.write("tiers.d/staff.yaml", self.staff)

    async def ping(self):
        """The held tunnels still carry bytes."""
        for reader, writer in self.held:
            writer.write(b"ping")
            assert await asyncio.wait_for(reader.readexactly(4), 10) == b"ping"

    async def checkpoint(self):
        """What the proxy holds once it has dealt with the end of everything; a reload also ends kept connections to origins."""
        assert (await self.command("reload")).returncode == 0
        last, until = None, time.time() + 15
        while time.time() < until:
            now = self.proxy.descriptors()
            if now == last:
                break
            last = now
            await asyncio.sleep(1.5)
        self.points.append((round(time.time() - self.begin), self.proxy.descriptors(), self.proxy.memory_kib("RssAnon")))

    async def run(self):
        authority = origins.TestAuthority()
        self.origin = Origin()
        await self.origin.start(authority.context("secure.test"))
        self.trusts_origin = ssl.create_default_context(cafile=authority.certificate)
        names = NameServer({name: ["127.0.0.1"] for name in NAMES})
        ports = [self.origin.port, self.origin.tls_port, self.origin.echo_port]
        limits = {"requests_per_second_per_client": 100000, "connections_per_client": 5000}
        self.proxy = Proxy(ports, {"response": 2, "keep_alive": 5, "head": 5}, limits, https="block-page",
                           upstream={"dns_servers": [names.address]})
        self.staff = STAFF % {"ports": ", ".join(map(str, ports))}
        self.trusts_school = ssl.create_default_context(cafile=self.proxy.ca)
        with self.proxy:
            self.begin = time.time()
            self.held = [await self.open_tunnel("ok.test", self.origin.echo_port, ECHO_SOURCE) for _ in range(HELD)]
            for i in range(CHECKPOINTS):
                await self.traffic(self.begin + (i + 1) * self.seconds / CHECKPOINTS)
                await self.checkpoint()
            if self.proxy.process.poll() is not None:
                self.wrong.append("the proxy ended: " + self.proxy.said()[-500:])
            for _, writer in self.held:
                writer.close()
        names.close()
        authority.close()

    def grown(self):
        """What was more at the last checkpoints than ever before."""
        early, late = self.points[:-2], self.points[-2:]
        found = []
        if min(p[1] for p in late) > max(p[1] for p in early) + DESCRIPTOR_SLACK:
            found.append("descriptors")
        if min(p[2] for p in late) > max(p[2] for p in early) + MEMORY_SLACK_KIB:
            found.append("memory")
        return found

    def report(self):
        lines = [f"{sum(self.done.values())} operations in {self.seconds} s: " + ", ".join(f"{n} {c}" for n, c in self.done.most_common()),
                 "at " + "; ".join(f"{t} s: {fds} descriptors, {kib} KiB" for t, fds, kib in self.points)]
        lines += [f"WRONG {w}" for w in self.wrong[:20]]
        lines += [f"GREW {what}" for what in self.grown()]
        return "\n".join(lines)


def soak(seconds, rate):
    one = Soak(seconds, rate)
    asyncio.run(one.run())
    return one


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seconds", type=float, nargs="?", default=1800)
    parser.add_argument("--rate", type=float, default=60)
    arguments = parser.parse_args()
    one = soak(arguments.seconds, arguments.rate)
    print(one.report())
    return 1 if one.wrong or one.grown() else 0


if __name__ == "__main__":
    sys.exit(main())
