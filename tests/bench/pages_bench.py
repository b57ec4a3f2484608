"""The staff's pages while the log is written: 200 requests a second, 50,000 rows a second beside them.

  tools/dev bench pages [SECONDS]     (default 20)

The pages are those of every role that need no case; the log that they read is written by log_bench, at that rate, in a folder of its own.
Told: how many answers, how long they took, and what the writer reached meanwhile.
"""
import http.client
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/integration"))

from harness import NOBODY, as_nobody, program  # noqa: E402
from test_web import ROLES, VIEW, PagesCase  # noqa: E402

RATE, ROWS_A_SECOND, ASKERS = 200, 50_000, 10


def ask(port, work, end, took, wrong):
    """One asker: its share of the rate, page after page."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    due, at = time.monotonic(), 0
    while due < end:
        time.sleep(max(0.0, due - time.monotonic()))
        page, cookie = work[at % len(work)]
        begun = time.monotonic()
        try:
            connection.request("GET", page, headers={"Cookie": cookie})
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                wrong.append((page, answer.status))
        except (http.client.HTTPException, OSError):  # a connection ends after some requests
            connection.close()
        took.append(time.monotonic() - begun)
        due += ASKERS / RATE
        at += 1


def main():
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    bench = os.path.join(ROOT, "build/release/tests/log_bench")
    if not os.path.exists(bench):
        raise SystemExit("build it first: cmake --build build/release --target log_bench")
    case = PagesCase()
    case.setUp()
    folder = tempfile.mkdtemp(prefix="pages-bench-")
    try:
        os.chown(folder, NOBODY, NOBODY)
        case.proxy.start()
        text = case.proxy.read("schoolgate.yaml")
        case.proxy.write("other.yaml", text.replace("directory: log", f"directory: {folder}", 1))
        if folder not in case.proxy.read("other.yaml"):
            raise SystemExit("the configuration of the tests has another form: mend this bench")
        case.web = subprocess.Popen([program(), "web", "--config", case.proxy.path("other.yaml"), "--accounts", case.proxy.path("state/accounts")],
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **as_nobody())
        case.web.stdout.readline()
        cookies = {role: case.sign_up(role, role).cookie for role in ROLES}
        writer = subprocess.Popen([bench, folder, str(ROWS_A_SECOND * (seconds + 4)), "2", "0", str(ROWS_A_SECOND)], stdout=subprocess.PIPE,
                                  text=True, **as_nobody())
        time.sleep(2)
        work = [(page, cookies[role]) for page, roles in VIEW.items() for role in roles if "CA-" not in page]
        took, wrong, end = [], [], time.monotonic() + seconds
        askers = [threading.Thread(target=ask, args=(case.port, work[n::ASKERS] or work, end, took, wrong)) for n in range(ASKERS)]
        for asker in askers:
            asker.start()
        for asker in askers:
            asker.join()
        took.sort()
        print(f"{len(took)} requests in {seconds} s; median {took[len(took) // 2] * 1000:.1f} ms, p99 {took[len(took) * 99 // 100] * 1000:.1f} ms, "
              f"longest {took[-1] * 1000:.0f} ms; not 200: {len(wrong)} {wrong[:3]}")
        print("".join(writer.stdout.readlines()[:2]), end="")
        writer.kill()
        writer.wait()
        if wrong:
            raise SystemExit("answers that are no pages: these figures tell nothing")
    finally:
        case.doCleanups()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
