"""Debian's Chromium without a screen, led over a pipe by its own protocol (DevTools: JSON, ended by a zero)."""
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--disable-dev-shm-usage", "--remote-debugging-pipe"]
# The text of a page, with what lies in the shadows of its elements.
ALL_TEXT = """(() => {
  const texts = [];
  const look = (node) => {
    if (node.shadowRoot) look(node.shadowRoot);
    for (const child of node.childNodes) child.nodeType === 3 ? texts.push(child.textContent.trim()) : look(child);
  };
  look(document);
  return texts.filter((text) => text).join("\\n");
})()"""


class Chromium:
    """Started anew, with a profile of its own. `wrapper`: words before its own; `state`: what its user once chose for the whole browser
    ("Local State")."""

    def __init__(self, wrapper=(), state=None, environment=None, flags=()):
        self.profile = tempfile.mkdtemp(prefix="chromium-")
        with open(os.path.join(self.profile, "Local State"), "w", encoding="utf-8") as out:
            json.dump(state or {}, out)
        self.asked, self.rest = 0, b""
        there, self.to = os.pipe()
        self.come, back = os.pipe()
        # It reads from 3 and writes to 4, whatever the numbers are here: from 10 on dash knows them not.
        words = ["bash", "-c", f'exec "$@" 3<&{there} 4>&{back}', "bash", *wrapper, "chromium", *FLAGS, f"--user-data-dir={self.profile}", *flags]
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, pass_fds=(there, back),
                                        env={"PATH": os.environ["PATH"], "HOME": self.profile, **(environment or {})})
        os.close(there)
        os.close(back)
        try:
            target = self.command("Target.createTarget", {"url": "about:blank"})["targetId"]
            self.session = self.command("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.to)
        os.close(self.come)
        shutil.rmtree(self.profile, ignore_errors=True)

    def command(self, method, parameters=None, session=None, seconds=60):
        self.asked += 1
        message = {"id": self.asked, "method": method, "params": parameters or {}, **({"sessionId": session} if session else {})}
        os.write(self.to, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + seconds
        while True:
            while b"\0" in self.rest:
                one, self.rest = self.rest.split(b"\0", 1)
                answer = json.loads(one)
                if answer.get("id") == self.asked:
                    if "error" in answer:
                        raise RuntimeError(f"{method}: {answer['error']}")
                    return answer["result"]
            if not select.select([self.come], [], [], max(0, end - time.monotonic()))[0]:
                raise TimeoutError(method)
            more = os.read(self.come, 65536)
            if not more:
                raise RuntimeError(f"{method}: Chromium ended")
            self.rest += more

    def open(self, url):
        self.command("Page.navigate", {"url": url}, self.session)

    def text(self):
        """What the page says now."""
        done = self.command("Runtime.evaluate", {"expression": ALL_TEXT, "returnByValue": True}, self.session)
        return done["result"].get("value", "")
