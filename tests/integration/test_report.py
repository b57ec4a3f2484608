"""Totals and reports of what the running proxy did: counted once over a kill, and told so that nobody can be found."""
import json
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import tempfile
import time
import unittest

import origins
from harness import Browser, Proxy, wait_until


class Report(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.origin = origins.Recorder()
        cls.proxy = Proxy(ports=[cls.origin.port], block=("bad.test",)).start()
        cls.month = time.strftime("%Y-%m", time.gmtime(time.time() + 7 * 3600))

    @classmethod
    def tearDownClass(cls):
        cls.proxy.close()

    def totals(self, where="1"):
        path = os.path.join(self.proxy.path("log"), "totals.db")
        if not os.path.exists(path):
            return 0
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
            return db.execute(f"SELECT coalesce(sum(requests), 0) FROM totals WHERE {where}").fetchone()[0]

    def ask(self, times, url):
        before = len(self.proxy.log_rows(wanted=0))
        for _ in range(times):
            self.proxy.curl(url, "-H", "Sec-Fetch-Dest: document")  # a page each time
        self.proxy.log_rows(wanted=before + times)

    def report(self, *arguments):
        done = self.proxy.command("report", "--month", self.month, "--format", "json", "--lang", "en", *arguments)
        return json.loads(done.stdout)

    def test_counted_once_over_a_kill(self):
        ok = f"http://ok.test:{self.origin.port}/"
        self.ask(12, ok)
        self.proxy.process.send_signal(signal.SIGKILL)
        self.proxy.process.wait()
        self.proxy.start()
        self.ask(7, ok)
        rows = sum(row["count"] for row in self.proxy.log_rows(wanted=0))
        wait_until(lambda: self.totals() == rows, 15)
        self.assertEqual(self.totals("category = '' AND action = 'allow'"), rows - self.totals("action <> 'allow'"))
        mode = os.stat(os.path.join(self.proxy.path("log"), "totals.db")).st_mode
        self.assertEqual(stat.S_IMODE(mode), 0o640)

    def test_reports(self):
        self.ask(9, f"http://bad.test:{self.origin.port}/secret-path")
        for audience in ("head", "admin", "department"):
            with self.subTest(audience=audience):
                told = self.report("--for", audience)
                self.assertEqual(told["for"], audience)
                self.assertNotIn("secret-path", json.dumps(told))
                self.assertNotIn("bad.test", json.dumps(told))
                page = self.proxy.command("report", "--month", self.month, "--for", audience, "--lang", "vi").stdout
                self.assertTrue(page.startswith("<!DOCTYPE html>"))
                self.assertNotIn("<script", page)
        numbers = [t for t in self.report()["tables"] if t["id"] == "numbers"][0]
        blocked = [row for row in numbers["rows"] if row[0]["text"] == "Blocked"][0]
        self.assertGreaterEqual(blocked[1]["count"], 9)

    def test_who_made_one_is_recorded(self):
        self.report("--for", "department")
        events = self.proxy.command("log", "--events", "--json", "-n", "0").stdout
        self.assertIn('"what":"report","detail":{"for":"department"', events)

    def test_into_a_file(self):
        path = self.proxy.path("report.csv")
        self.proxy.command("report", "--month", self.month, "--format", "csv", "--out", path)
        with open(path, encoding="utf-8-sig") as table:
            self.assertEqual(table.readline(), "table,row,column,value,count,cells_under_five\n")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o640)

    def read_by_libreoffice(self, path):
        """What stands on the pages that LibreOffice makes of it, and how many they are."""
        with tempfile.TemporaryDirectory() as place:
            subprocess.run(["soffice", "--headless", f"-env:UserInstallation=file://{place}/profile", "--convert-to", "pdf", "--outdir", place,
                            path], check=True, capture_output=True, timeout=240)
            page = os.path.join(place, os.path.basename(path).replace(".docx", ".pdf"))
            told = subprocess.run(["pdftotext", "-layout", page, "-"], check=True, capture_output=True, text=True, timeout=60).stdout
        return " ".join(told.split()), told.count("\f")

    @unittest.skipUnless(shutil.which("soffice") and shutil.which("pdftotext"), "not installed: libreoffice-writer-nogui, poppler-utils")
    def test_word_opens_in_libreoffice(self):
        self.ask(9, f"http://bad.test:{self.origin.port}/secret-path")
        hostile = "Trường =1+1 & <w:p/> \u202eA"
        plain = self.proxy.read("schoolgate.yaml")
        self.addCleanup(self.proxy.write, "schoolgate.yaml", plain)
        self.proxy.write("schoolgate.yaml", plain.replace("name: Trường thử nghiệm", "name: " + json.dumps(hostile, ensure_ascii=False)))
        pages = {}
        for audience, language in (("department", "vi"), ("department", "en"), ("head", "vi"), ("admin", "en")):
            path = self.proxy.path(f"{audience}-{language}.docx")
            self.proxy.command("report", "--month", self.month, "--for", audience, "--lang", language, "--format", "docx", "--out", path)
            with self.subTest(audience=audience, language=language):
                text, count = pages[audience, language] = self.read_by_libreoffice(path)
                self.assertLessEqual(count, 4)
                self.assertNotRegex(text, "secret-path|bad.test|\u202e")
                self.assertIn("=1+1 & <W:P/>" if audience == "department" else "=1+1 & <w:p/>", text)
        letter = pages["department", "vi"][0]
        at = 0
        for part in ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "TRƯỜNG", "Độc lập - Tự do - Hạnh phúc", "Số: ……/BC-", "ngày", "BÁO CÁO", "Kính gửi:",
                     "A. Thông tin chung", "B. ", "C. ", "D. ", "E. ", "F. ", "G. ", "H. ", "I. ", "Nơi nhận:", "NGƯỜI LẬP", "HIỆU TRƯỞNG"):
            found = letter.find(part, at if part not in ("TRƯỜNG",) else 0)
            self.assertGreaterEqual(found, 0, (part, letter))
            at = max(at, found)
        self.assertRegex(pages["head", "vi"][0], r"bộ lọc đã xử lý (hơn )?[0-9.]+ lượt truy cập")
        self.assertRegex(pages["department", "en"][0], r"SOCIALIST REPUBLIC OF VIET NAM.* 2 .*WRITTEN BY.*HEAD OF")  # the second page's number

    @unittest.skipUnless(shutil.which("chromium") and shutil.which("pdftotext"), "not installed: chromium, poppler-utils")
    def test_the_head_gets_one_page_of_paper(self):
        """With all its pictures and the seal: the page of the generated month."""
        expected = os.path.join(os.path.dirname(__file__), "../tools/report/expected")
        for language in ("vi", "en"):
            with self.subTest(language=language), tempfile.TemporaryDirectory() as place:
                paper = os.path.join(place, "head.pdf")
                subprocess.run(["chromium", *Browser.FLAGS, f"--user-data-dir={place}/profile", f"--print-to-pdf={paper}",
                                "file://" + os.path.realpath(os.path.join(expected, f"head.{language}.html"))], check=True, capture_output=True, timeout=120)
                told = subprocess.run(["pdftotext", paper, "-"], check=True, capture_output=True, text=True, timeout=60).stdout
                self.assertEqual(told.count("\f"), 1)
                self.assertIn("log verify --seal", told)

    def test_top(self):
        self.ask(3, f"http://bad.test:{self.origin.port}/")
        told = self.proxy.command("log", "top", "hosts", "--blocked", "--since", "today", "--json").stdout
        self.assertIn('"host":"bad.test"', told.splitlines()[0])


if __name__ == "__main__":
    unittest.main()
