"""The README's examples are run as they stand, one after the other."""

import re
import unittest
from pathlib import Path

README = Path(__file__).resolve().parents[1] / "README.md"


class Readme(unittest.TestCase):
    def test_every_example_runs(self):
        blocks = re.findall(r"^```python\n(.*?)^```", README.read_text("utf-8"), re.DOTALL | re.MULTILINE)
        self.assertGreaterEqual(len(blocks), 3)
        names = {"__name__": "readme"}
        for number, block in enumerate(blocks, 1):
            exec(compile(block, f"README.md, example {number}", "exec"), names)
