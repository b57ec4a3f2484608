#!/usr/bin/env python3
"""What an idle inspected connection costs, and a download of 1 GiB through an inspected one, in HTTP/1.1 and HTTP/2.

  tools/dev bench inspect

Runs the proxy of the integration tests on loopback, before an origin in Python: the times say nothing, the memory does. Memory is what
the proxy holds of its own (RssAnon), OpenSSL's objects included.
"""
import hashlib
import os
import resource
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "integration"))

import h2
import origins
from test_inspect import NAMES, NO_LIMITS, asked_once, idle_cost, inspecting, share

WARM, IDLE = 100, 800
DOWNLOAD = 1 << 30


def asked_once_h2(client):
    client.ask(1, "/size/10")
    if not client.read(lambda c: 1 in c.ended):
        sys.exit("no answer over HTTP/2")
    return client.socket


def download(proxy, port, version):
    """(whether it came whole, KiB that the proxy holds more afterwards)"""
    before = proxy.memory_kib("RssAnon")
    curl = subprocess.Popen(["curl", "-sS", version, "-x", f"http://127.0.0.1:{proxy.port}", "--cacert", proxy.ca,
                             f"https://secure.test:{port}/size/{DOWNLOAD}"], stdout=subprocess.PIPE)
    got = hashlib.file_digest(curl.stdout, "sha256").hexdigest()
    curl.wait()
    return got == hashlib.sha256(origins.pattern(DOWNLOAD)).hexdigest(), proxy.memory_kib("RssAnon") - before


def main():
    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, 8192))
    authority = origins.TestAuthority()
    share(authority.folder)
    port = origins.Recorder(authority.context(*NAMES)).port
    settings = {"timeouts": {"keep_alive": 120}, "limits": NO_LIMITS}
    with inspecting(authority, [port], **settings) as proxy:
        kib = idle_cost(proxy, lambda: asked_once(proxy, port), WARM, IDLE)
        print(f"idle inspected connection, HTTP/1.1   {kib:6.1f} KiB")
    with inspecting(authority, [port], **settings) as proxy:
        kib = idle_cost(proxy, lambda: asked_once_h2(h2.Client(proxy, "secure.test", port)), WARM, IDLE)
        print(f"idle inspected connection, HTTP/2     {kib:6.1f} KiB")
    with inspecting(authority, [port]) as proxy:
        for version in ("--http1.1", "--http2"):
            whole, more = download(proxy, port, version)
            print(f"1 GiB, {version[2:]:8} {'whole' if whole else 'BROKEN':>20} {more:+8.0f} KiB")
    authority.close()
    os._exit(0)  # the origin's threads wait for connections


if __name__ == "__main__":
    main()
