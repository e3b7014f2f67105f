"""What goes out, and what the operator is told. Run: PYTHONPATH=kit/plugins/sdk/python python -m unittest"""

import unittest

from helpbell_connector import Failure
from helpbell_connector.testing import ScriptedHost

from {{module}} import {{type}}

REFERENCE = "0193a1f2-7c11-7d5e-9a55-0123456789ab"
SETTINGS = {"server": "https://desk.example.com"}


class FindingATicket(unittest.TestCase):
    def test_it_is_found_by_the_reference_of_its_press(self) -> None:
        host = ScriptedHost(REFERENCE)
        host.answer("GET", "/tickets", 200, [{"id": 5, "title": "Printer"}])
        found = {{type}}().find_tickets(host.call(SETTINGS), REFERENCE)
        self.assertEqual(found[0].url, "https://desk.example.com/tickets/5")
        self.assertIn(REFERENCE, host.requests[0].query)

    def test_a_refusal_is_told_in_the_desks_own_words(self) -> None:
        host = ScriptedHost(REFERENCE)
        host.answer("GET", "/tickets/5", 404, {"error": "there is no such ticket"})
        with self.assertRaises(Failure) as raised:
            {{type}}().get(host.call(SETTINGS), "5")
        self.assertIn("there is no such ticket", raised.exception.message)
