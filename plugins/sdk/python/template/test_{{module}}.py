"""What goes out, and what the operator is told: python -m unittest"""

import unittest

from helpbell_connector import Draft, Failure, Person, Secrets
from helpbell_connector.testing import ScriptedHost

from {{module}} import Desk

REFERENCE = "0193a1f2-7c11-7d5e-9a55-0123456789ab"
SETTINGS = {"server": "https://desk.example.com"}
DRAFT = Draft("Printer", "<p>It is &lt;b&gt;down</p>", "It is <b>down", Person("Maria", "maria@bianchi.example"))


class Create(unittest.TestCase):
    def test_a_ticket_is_filed_once_with_the_reference_of_its_press(self):
        host = ScriptedHost(REFERENCE)
        host.answer("POST", "/tickets", 201, {"id": 5})
        created = Desk().create(host.call(SETTINGS), DRAFT)
        self.assertEqual(created.ticket.url, "https://desk.example.com/tickets/5")
        self.assertEqual([str(sent) for sent in host.requests], ["POST /tickets"])
        self.assertIn(f"[hb:{REFERENCE}]", host.requests[0].json()["html"])

    def test_a_refusal_is_told_in_the_desks_words(self):
        host = ScriptedHost(REFERENCE)
        host.answer("POST", "/tickets", 422, "team is required")
        with self.assertRaises(Failure) as raised:
            Desk().create(host.call(SETTINGS), DRAFT)
        self.assertIn("“team is required”", raised.exception.message)

    def test_the_key_goes_where_the_desk_wants_it(self):
        authorization = Desk().authenticate(ScriptedHost().call(SETTINGS), Secrets({"api-key": " k-1 "}))
        self.assertEqual(authorization.placements[0].value, "Bearer k-1")
