"""Names that look like those of a list: learned when lists are compiled, recorded where no rule names the host, shown to a person, and
never again once the person says that one is called so wrongly."""
import collections
import itertools
import json
import unittest

from harness import HOSTS, Proxy

TRADE = ("bet", "kubet", "nohu", "casino", "sunwin", "jackpot", "slot", "xoso", "taixiu", "poker", "rikvip", "thabet")
PLAIN = ("bao", "hoc", "truong", "sach", "nha", "viet", "hanoi", "saigon", "dien", "may", "xanh", "mua", "ban", "tin", "tuc", "nam",
         "bank", "shop", "school", "food", "travel", "media", "book", "health")
LOUD, SIBLING, ORDINARY = "kubetnohu7799.vip", "taixiusunwin887.vip", "sachhaiphong.vn"


def betting():
    numbers = itertools.cycle(range(10, 99))
    return [f"{one}{other}{next(numbers)}.{end}" for one in TRADE for other in TRADE for end in ("vip", "club", "top", "com", "bet", "win", "xyz", "live")
            for _ in range(2)]


def ordinary():
    return [f"{one}{two}{three}.{end}" for one, two, three in itertools.product(PLAIN, PLAIN, PLAIN[:6]) for end in ("vn", "com.vn")]


class Lookalikes(unittest.TestCase):
    def setUp(self):
        self.proxy = Proxy(hosts=(*HOSTS, LOUD, SIBLING, ORDINARY))
        self.addCleanup(self.proxy.close)
        self.asked = collections.Counter()
        proxy = self.proxy
        proxy.write("categories.yaml", proxy.read("categories.yaml").replace("gambling: {", "gambling: {names: lookalikes, ")
                    .replace("games: {", "games: {names: benign, "))
        proxy.write("lists/gambling.txt", "\n".join(["bet.test", *betting()]) + "\n")
        proxy.write("lists/games.txt", "\n".join(["games.test", *ordinary()]) + "\n")
        proxy.write("tiers.d/pupil.yaml", proxy.read("tiers.d/pupil.yaml") + "lookalikes: record\n")

    def last_row(self, host):
        """Of a request that is made now; nobody answers at the origin, which is no matter."""
        self.asked[host] += 1
        self.proxy.curl(f"http://{host}/")
        return self.proxy.log_rows("--host", host, wanted=self.asked[host])[-1]

    def hits(self):
        return [json.loads(line) for line in self.proxy.command("lists", "lookalikes", "--json").stdout.splitlines()]

    def test_a_name_is_recorded_shown_and_taken_back(self):
        self.proxy.start()
        row = self.last_row(LOUD)
        self.assertEqual((row["action"], row["reason"], row["category"]), ("allow", "lookalike", "gambling"), row)
        self.assertEqual(self.last_row(ORDINARY)["reason"], "tier_default")
        self.assertEqual(self.last_row("bet.test")["reason"], "category")

        self.last_row(SIBLING)
        self.last_row(SIBLING)
        found = self.hits()
        self.assertEqual([(hit["host"], hit["requests"], hit["category"]) for hit in found], [(SIBLING, 2, "gambling"), (LOUD, 1, "gambling")])
        self.assertGreaterEqual(found[0]["score"], found[0]["threshold"])
        self.assertTrue(found[0]["pieces"])

        explained = self.proxy.command("explain", f"http://www.{LOUD}/", "--tier", "pupil").stdout
        self.assertIn(f"category gambling: {LOUD} looks like its names", explained)
        self.assertIn("look-alikes of gambling: learned from", self.proxy.command("lists", "show").stdout)

        self.proxy.command("lists", "lookalikes", "--wrong", LOUD)
        self.proxy.command("reload")
        self.assertEqual(self.last_row(LOUD)["reason"], "tier_default")
        self.assertEqual(self.last_row(SIBLING)["reason"], "lookalike")
        self.assertIsNone(next(hit for hit in self.hits() if hit["host"] == LOUD)["category"])

    def test_too_few_names_close_nothing(self):
        self.proxy.write("tiers.d/pupil.yaml", self.proxy.read("tiers.d/pupil.yaml").replace("lookalikes: record", "lookalikes: block"))
        checked = self.proxy.command("check").stdout
        self.assertIn("SG1430", checked)
        self.proxy.start()
        row = self.last_row(LOUD)
        self.assertEqual((row["action"], row["reason"]), ("allow", "lookalike"), row)


if __name__ == "__main__":
    unittest.main()
