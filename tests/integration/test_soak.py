"""A minute of mixed traffic: no wrong answer, nothing grows. `tools/dev soak` runs the same for half an hour."""
import unittest

from soak import soak


class Soak(unittest.TestCase):
    LONG = True

    def test_a_minute(self):
        one = soak(60, 40)
        self.assertEqual(one.wrong, [], one.report())
        self.assertEqual(one.grown(), [], one.report())
        self.assertGreater(sum(one.done.values()), 300, one.report())


if __name__ == "__main__":
    unittest.main()
