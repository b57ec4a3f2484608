#!/usr/bin/env python3
"""Sends the labelled trace through the running proxy and compares each answer with its label.

  trace_proxy.py DATA [--count N] [--clients N]

The proxy runs with the lists of DATA (see corpus_config.py), asks a name server of ours that answers 127.0.0.1 to every name, and
finds an origin of ours on port 80 of 127.0.0.1 that answers 200 to everything; so 403 means blocked. Every row goes as
an http:// URL, so that paths are seen. Runs in a network namespace of its own, which holds loopback alone: the addresses that the
trace names as hosts are not reachable and count as neither. Needs root.
"""
import argparse
import asyncio
import collections
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time

from corpus_config import write_config

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PORT, NOBODY = 4101, 65534


class Names(asyncio.DatagramProtocol):
    """A name server that answers 127.0.0.1 to A and nothing to the rest."""

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, address):
        question_end = data.index(b"\0", 12) + 5
        is_a = struct.unpack("!H", data[question_end - 4:question_end - 2])[0] == 1
        answer = b"\xc0\x0c\0\x01\0\x01\0\0\x0e\x10\0\x04\x7f\0\0\x01" if is_a else b""
        head = data[:2] + b"\x81\x80\0\x01" + struct.pack("!H", int(is_a)) + b"\0\0\0\0"
        self.transport.sendto(head + data[12:question_end] + answer, address)


async def origin(reader, writer):
    try:
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    writer.close()


async def ask(rows, tally, odd):
    """One client: keeps its connection, asks the next row, counts what came."""
    reader = writer = None
    for host, path, label in rows:
        if writer is None:
            reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
        writer.write(f"GET http://{host}{path} HTTP/1.1\r\nHost: {host}\r\nSec-Fetch-Dest: image\r\n\r\n".encode())
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next((int(l.split(b":")[1]) for l in head.split(b"\r\n") if l.lower().startswith(b"content-length")), 0)
            await reader.readexactly(length)
            status = int(head[9:12])
        except (asyncio.IncompleteReadError, ConnectionError):
            status, head = 0, b""
        if status == 0 or b"connection: close" in head.lower():
            writer.close()
            writer = None
        tally[(status, label)] += 1
        if status not in (200, 403) and len(odd) < 20:
            odd.append((status, host, path[:60]))
    if writer:
        writer.close()


async def run(arguments, rows):
    loop = asyncio.get_running_loop()
    names, _ = await loop.create_datagram_endpoint(Names, local_addr=("127.0.0.1", 0))
    server = await asyncio.start_server(origin, "127.0.0.1", 80, backlog=1024)
    work = tempfile.mkdtemp(prefix="schoolgate-trace-")
    os.chmod(work, 0o755)
    process = None
    try:
        config = write_config(arguments.data, work + "/config", PORT)
        with open(config) as source:
            text = source.read()
        name_server = "127.0.0.1:%d" % names.get_extra_info("sockname")[1]
        text = text.replace("allow_networks: ['127.0.0.0/8']", f"allow_networks: ['127.0.0.0/8'], dns_servers: ['{name_server}']")
        with open(config, "w") as out:
            out.write(text + "limits: {requests_per_second_per_client: 1000000}\n")
        shutil.copy(ROOT + "/build/release/schoolgate", work + "/schoolgate")
        subprocess.run(["chown", "-R", str(NOBODY), work + "/config"], check=True)
        process = subprocess.Popen([work + "/schoolgate", "run", "--config", config], user=NOBODY, group=NOBODY, extra_groups=[],
                                   stdout=subprocess.DEVNULL)
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", PORT)).close()
                break
            except OSError:
                await asyncio.sleep(0.1)
        tally, odd, feed, begin = collections.Counter(), [], iter(rows), time.time()
        await asyncio.gather(*(ask(feed, tally, odd) for _ in range(arguments.clients)))
        return tally, odd, time.time() - begin
    finally:
        if process:
            process.terminate()
            process.wait()
        server.close()
        shutil.rmtree(work, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument("--count", type=int, default=300000)
    parser.add_argument("--clients", type=int, default=32)
    arguments = parser.parse_args()
    if os.environ.get("TRACE_PROXY_NAMESPACE") != "own":
        os.environ["TRACE_PROXY_NAMESPACE"] = "own"
        os.execvp("unshare", ["unshare", "-n", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", sys.executable, *sys.argv])
    with open(arguments.data + "/trace/trace.tsv", encoding="utf-8") as source:
        rows = [(f[1], f[2], f[3] == "1") for f in (l.rstrip("\n").split("\t") for l in source)][:arguments.count]
    tally, odd, seconds = asyncio.run(run(arguments, rows))
    agree = tally[(403, True)] + tally[(200, False)]
    print(f"{len(rows)} requests in {seconds:.0f} s through the proxy: {agree} agree with their label, {100 * agree / len(rows):.3f} %")
    print(f"  blocked, label open: {tally[(403, False)]};  open, label blocked: {tally[(200, True)]}")
    print("  neither 200 nor 403: %d %s" % (sum(n for (s, _), n in tally.items() if s not in (200, 403)), odd[:5]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
