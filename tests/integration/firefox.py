"""Debian's Firefox without a screen, led by its own protocol (Marionette: a length, a colon, JSON; over TCP)."""
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time


class Firefox:
    """Started anew, with a profile of its own. `wrapper`: words before its own, `preferences`: what its user once chose, `authority`: the
    file of a certificate that its user took, by certutil."""

    def __init__(self, wrapper=(), preferences=None, environment=None, authority=None):
        self.profile = tempfile.mkdtemp(prefix="firefox-")
        self.asked = 0
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        quiet = {"marionette.port": self.port, "network.captive-portal-service.enabled": False, "network.connectivity-service.enabled": False,
                 "browser.safebrowsing.malware.enabled": False, "app.normandy.enabled": False, "datareporting.policy.dataSubmissionEnabled": False}
        with open(os.path.join(self.profile, "user.js"), "w", encoding="utf-8") as out:
            for name, value in {**quiet, **(preferences or {})}.items():
                out.write(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n")
        if authority:
            for words in (("-N", "--empty-password"), ("-A", "-n", "school", "-t", "C,,", "-i", authority)):
                subprocess.run(["certutil", "-d", "sql:" + self.profile, *words], check=True, capture_output=True)
        self.process = subprocess.Popen([*wrapper, "firefox-esr", "--headless", "--marionette", "--remote-allow-system-access", "--no-remote",
                                         "--profile", self.profile], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        env={"PATH": os.environ["PATH"], "HOME": self.profile, **(environment or {})})
        try:
            self.connection = self._connected()
            self._read()
            self.command("WebDriver:NewSession")
        except BaseException:
            self.close()
            raise

    def _connected(self, seconds=60):
        end = time.time() + seconds
        while True:
            try:
                return socket.create_connection(("127.0.0.1", self.port), timeout=60)
            except OSError:
                if self.process.poll() is not None or time.time() > end:
                    raise
                time.sleep(0.05)

    def _read(self):
        length = b""
        while not length.endswith(b":"):
            length += self._some(1)
        return json.loads(self._some(int(length[:-1])))

    def _some(self, size):
        data = b""
        while len(data) < size:
            more = self.connection.recv(size - len(data))
            if not more:
                raise ConnectionError("Firefox has gone")
            data += more
        return data

    def command(self, name, **arguments):
        """What it answers; an error of the page (none there, refused) is a text that begins with "error: "."""
        self.asked += 1
        sent = json.dumps([0, self.asked, name, arguments]).encode()
        self.connection.sendall(b"%d:%s" % (len(sent), sent))
        _, _, error, result = self._read()
        return f"error: {error['message'] or error['error']}" if error else result

    def page(self, url):
        """The page's source, or "error: ..."."""
        gone = self.command("WebDriver:Navigate", url=url)
        return gone if isinstance(gone, str) else self.command("WebDriver:GetPageSource")["value"]

    def policies(self):
        """Those that it has taken, as it names them."""
        self.command("Marionette:SetContext", value="chrome")
        taken = self.command("WebDriver:ExecuteScript", script="return Services.policies.getActivePolicies() || {}", args=[])
        self.command("Marionette:SetContext", value="content")
        return taken["value"]

    def close(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
