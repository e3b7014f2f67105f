"""A PSA that speaks JSON: what its answers mean, and files within JSON."""

import base64
import unittest

from helpbell_connector import Failure
from helpbell_connector.desk import Desk, Kind
from helpbell_connector.http import Base64
from helpbell_connector.testing import ScriptedHost

KIND = Kind(
    name="My Desk",
    code="my-desk",
    cure="Paste the address that My Desk shows.",
    words=lambda answer: answer.get("error"),
    cures={"auth": "Make a new key."},
)
SETTINGS = {"server": "https://desk.example/api/"}


class Answers(unittest.TestCase):
    def failure(self, status, body="{}", headers=None):
        host = ScriptedHost()
        host.answer("GET", "/api/queues", status, body, headers or {})
        with self.assertRaises(Failure) as raised:
            Desk(host.call(SETTINGS), KIND).get("reading queues", "/queues")
        return raised.exception

    def test_every_status_has_its_kind(self):
        expected = {
            400: "INVALID_INPUT",
            401: "AUTH",
            403: "FORBIDDEN",
            404: "NOT_FOUND",
            409: "CONFLICT",
            413: "INVALID_INPUT",
            429: "RATE_LIMITED",
            500: "UNAVAILABLE",
            504: "TIMEOUT",
            302: "INTERNAL",
        }
        for status, kind in expected.items():
            told = self.failure(status, headers={"retry-after": "3"})
            self.assertEqual(told.kind.name, kind, status)
            self.assertTrue(told.code.startswith("my-desk."), told.code)
            self.assertEqual(told.retry_after_ms, 3_000 if status in (429, 500) else None, status)

    def test_the_psas_own_words_are_quoted_and_the_connectors_cure_goes_first(self):
        told = self.failure(400, '{"error": "no\\nqueue"}')
        self.assertEqual(told.message, "My Desk answered 400 while reading queues: “no queue”")
        self.assertEqual(self.failure(401).help, "Make a new key.")
        self.assertIn("at the same moment", self.failure(409).help)

    def test_a_web_page_is_not_the_api_whatever_its_status(self):
        for status in (200, 404):
            told = self.failure(status, "<!DOCTYPE html><title>Sign in</title>", {"content-type": "text/html"})
            self.assertEqual((told.code, told.field), ("my-desk.stranger", "server"))


class Files(unittest.TestCase):
    def test_a_file_within_json_is_sent_as_base64(self):
        host = ScriptedHost()
        blob = host.add_blob(b"the file")
        host.answer("POST", "/api/notes", 201, '{"id": 5}')
        body = {"typed": "helpbell-0-", "files": [{"data": Base64(blob)}]}
        made = Desk(host.call(SETTINGS), KIND).post("adding the note", "/notes", body)
        sent = host.requests[0].json()
        self.assertEqual((made["id"], sent["typed"]), (5, "helpbell-0-"))
        self.assertEqual(base64.b64decode(sent["files"][0]["data"]), b"the file")
