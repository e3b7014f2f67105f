"""The kit's dataclasses have the contract's records, member by member, and its glue carries them over."""

import dataclasses
import re
import unittest
from pathlib import Path

from helpbell_connector import Failure, FailureKind, RequestEffect, types

WIT = Path(__file__).resolve().parents[4] / "wit" / "psa"
RENAMED = {"Request": "WantedRequest", "Failure": None}


def snake(name):
    return name.replace("-", "_")


def camel(name):
    return "".join(part.capitalize() for part in name.split("-"))


class Contract(unittest.TestCase):
    def test_every_record_has_its_members_in_order(self):
        seen = 0
        for file in sorted(WIT.glob("*.wit")):
            source = re.sub(r"//.*", "", file.read_text())
            for name, body in re.findall(r"record ([a-z-]+) \{(.*?)\n    \}", source, re.DOTALL):
                members = [snake(member) for member in re.findall(r"^\s*%?([a-z-]+):", body, re.MULTILINE)]
                kit = Failure if name == "failure" else getattr(types, RENAMED.get(camel(name)) or camel(name))
                # Order does not matter to componentize-py, which goes by name.
                self.assertEqual(sorted(field.name for field in dataclasses.fields(kit)), sorted(members), name)
                seen += 1
        self.assertGreater(seen, 25)

    def test_enums_have_the_contracts_numbers(self):
        for file, name, kit in (("types", "failure-kind", FailureKind), ("describe", "request-effect", RequestEffect)):
            source = re.sub(r"//.*", "", (WIT / f"{file}.wit").read_text())
            body = re.search(rf"enum {name} \{{(.*?)\}}", source, re.DOTALL)[1]
            cases = [snake(case.strip()).upper() for case in body.split(",") if case.strip()]
            self.assertEqual([case.name for case in kit], cases)
            self.assertEqual([case.value for case in kit], list(range(len(cases))))
