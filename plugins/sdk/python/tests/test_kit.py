"""The kit's own parts. Where the Rust kit has the same part, the cases are the same."""

import base64
import doctest
import hashlib
import hmac
import unittest

from helpbell_connector import (
    Attachment,
    Authorization,
    Call,
    Connector,
    Context,
    Created,
    Delivery,
    Description,
    Draft,
    Examiner,
    Failure,
    FailureKind,
    Limits,
    Person,
    Secrets,
    Variable,
    connector,
    http,
    marker,
    pick_list,
    testing,
    text,
    webhook,
)
from helpbell_connector.http import Base64, Raw, Request, Response, address, split
from helpbell_connector.pick_list import Cached, Entry, PickList
from helpbell_connector.testing import START_UNIX, ScriptedHost
from helpbell_connector.webhook import Authorized

REFERENCE = "0193a1f2-7c11-7d5e-9a55-0123456789ab"


def load_tests(_loader, tests, _pattern):
    tests.addTests(doctest.DocTestSuite(testing, globs=vars(testing)))
    return tests


class Marker(unittest.TestCase):
    def test_a_written_marker_is_found_in_html_and_in_stripped_text(self):
        html = f"<p>help</p>{marker.footer_html(REFERENCE)}"
        self.assertEqual(marker.written("a"), "[hb:a]")
        self.assertEqual(marker.footer_html("a"), '<p style="color:#888;font-size:11px">[hb:a]</p>')
        self.assertTrue(marker.carries(html, REFERENCE))
        self.assertTrue(marker.carries(text.strip_tags(html), REFERENCE))

    def test_a_reference_that_only_begins_or_ends_alike_is_not_found(self):
        for carried, reference in (("[hb:abc]", "ab"), ("[hb:abc/note]", "abc"), ("xhb:abc", "abc"), ("[hb:]", "")):
            self.assertFalse(marker.carries(carried, reference), carried)
        self.assertTrue(marker.carries("[hb:abcd] [hb:abc]", "abc"))
        self.assertFalse(marker.carries("[hb:abcé]", "abc"))

    def test_a_reference_with_markup_characters_is_found_where_it_was_escaped(self):
        self.assertTrue(marker.carries(marker.footer_html("a&b"), "a&b"))

    def test_a_description_that_is_a_marker_gives_its_reference_back(self):
        self.assertEqual(marker.read(" [hb:press/report.html] "), "press/report.html")
        self.assertIsNone(marker.read("the report"))
        self.assertIsNone(marker.read("[hb:]"))


class Text(unittest.TestCase):
    def test_markup_in_a_persons_words_is_inert_after_escaping(self):
        self.assertEqual(
            text.escape_html("<a href='x' id=\"y\">&\0"), "&lt;a href=&#39;x&#39; id=&quot;y&quot;&gt;&amp;"
        )

    def test_shortening_counts_characters_and_a_quotation_is_one_line(self):
        self.assertEqual((text.shorten("grüße", 5), text.shorten("grüße!", 5)), ("grüße", "grüß…"))
        self.assertEqual(text.quote("a\r\n\x1b[31mb\t c"), "a [31mb c")
        self.assertEqual(len(text.quote("x" * 1000)), text.QUOTE_CHARS)

    def test_stripped_html_reads_like_text_and_unescapes_once(self):
        self.assertEqual(text.strip_tags("<p>a&nbsp;b</p><b>c &amp;lt; d</b>"), "a b c &lt; d")
        self.assertEqual(text.percent_encode("jö+it@example.com"), "j%C3%B6%2Bit%40example.com")


class PickLists(unittest.TestCase):
    def names(self, *pairs):
        return PickList([Entry(id, label) for id, label in pairs])

    def test_a_name_is_found_however_it_is_written_and_wins_over_an_id(self):
        entries = self.names(("3", "1st Line"), ("7", "3"), ("9", "Hardware>Desktop"))
        for given, id in ((" 1ST  line", "3"), ("3", "7"), ("9", "9"), ("hardware > desktop", "9")):
            self.assertEqual(entries.find(given).id, id)
        self.assertIsNone(entries.find(""))

    def test_near_misses_are_offered_best_first_and_strangers_are_not(self):
        names = ["Critical", "High", "Medium", "Low", "Highest"]
        self.assertEqual(pick_list.nearest("Hihg", names), ["High"])
        self.assertEqual(pick_list.nearest("lwo", names), ["Low"])
        self.assertEqual(pick_list.nearest("Zebra", names), [])

    def test_an_entry_created_after_the_list_was_kept_is_found_and_a_wrong_one_asked_for_once(self):
        call, fetched = ScriptedHost().call(), []

        def fetch():
            fetched.append(1)
            return self.names(("1", "Old")) if len(fetched) == 1 else self.names(("1", "Old"), ("2", "New"))

        kept = Cached("teams", 60)
        self.assertEqual(kept.look_up(call, "old", fetch)[1].id, "1")
        self.assertEqual(kept.look_up(call, "new", fetch)[1].id, "2")
        for _ in range(5):
            self.assertIsNone(kept.look_up(call, "nonsense", fetch)[1])
        self.assertEqual(len(fetched), 3)


class Http(unittest.TestCase):
    def test_addresses_are_made_and_taken_apart(self):
        for base in ("https://x.example/api", "https://x.example/api/", " https://x.example/api// "):
            self.assertEqual(address(base, "/u", {"search": "a b"}), "https://x.example/api/u?search=a%20b")
        self.assertEqual(split("https://h:8/a?b#c"), (True, "h:8", "/a?b"))
        self.assertEqual(split("HTTP://h?a"), (False, "h", "/?a"))
        self.assertIsNone(split("h/a"))
        self.assertIsNone(split("https:///a"))

    def test_retry_after_is_read_as_seconds_and_as_a_date(self):
        for value, wait in (("7", 7000), ("Sun, 06 Nov 1994 08:49:37 GMT", 7000), ("soon", None), ("", None)):
            answer = Response(429, [("retry-after", value)], b"")
            self.assertEqual(answer.retry_after_ms(784_111_770), wait, value)

    def test_an_answer_that_is_no_json_is_a_failure_that_says_whose(self):
        self.assertEqual(Response(200, [], b'\xef\xbb\xbf{"a":1}').json("the answer"), {"a": 1})
        with self.assertRaises(Failure) as raised:
            Response(200, [], b"<html>").json("My Desk's answer")
        self.assertEqual(raised.exception.kind, FailureKind.INTERNAL)
        self.assertIn("My Desk's answer", raised.exception.message)
        self.assertTrue(Response(200, [], b" <!doctype html>").is_web_page())
        self.assertFalse(Response(200, [], b'{"a":"<"}').is_web_page())

    def test_a_form_with_files_holds_the_files_byte_by_byte(self):
        host = ScriptedHost()
        content = bytes(range(256)) * 5000
        blob = host.add_blob(content)
        host.answer("POST", "/f", 201)
        name = 'Über "x"\r\nX-Evil: 1.html'
        file = Attachment(blob, name, "text/html", len(content), "r")
        request = Request.multipart("POST", "https://x.example/f", {"public": "fälse"}, [("file", name, file)])
        self.assertNotIn(content, [part for part in request.body if isinstance(part, bytes)])
        host.call().send(request)
        body = host.requests[0].body
        boundary = dict(request.headers)["content-type"].partition("boundary=")[2].encode()
        parts = body.split(b"--" + boundary)
        self.assertEqual((parts[0], parts[-1]), (b"", b"--\r\n"))
        self.assertTrue(parts[1].endswith("\r\n\r\nfälse\r\n".encode()))
        head, _, sent = parts[2].partition(b"\r\n\r\n")
        self.assertEqual(sent, content + b"\r\n")
        self.assertIn('filename="Über %22x%22%0D%0AX-Evil: 1.html"'.encode(), head)
        self.assertEqual(head.count(b"\r\n"), 2)

    def test_a_file_as_base64_is_the_files_base64(self):
        host = ScriptedHost()
        content = b"ab" * 70_000
        host.answer("POST", "/f", 201)
        host.call().send(Request("POST", "https://x.example/f", body=[b'"', Base64(host.add_blob(content)), b'"']))
        self.assertEqual(host.requests[0].body, b'"' + base64.b64encode(content) + b'"')


class Webhooks(unittest.TestCase):
    def delivery(self, body=b"", **headers):
        return Delivery("POST", "/", [], [(name.replace("_", "-"), value) for name, value in headers.items()], body)

    def test_a_secret_is_recognised_as_basic_and_as_bearer_and_nothing_else(self):
        # The example of RFC 7617, section 2.
        secret = "Aladdin:open sesame"
        self.assertIs(webhook.authorized(self.delivery(), secret), Authorized.ABSENT)
        for right in ("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "bearer Aladdin:open sesame"):
            self.assertIs(webhook.authorized(self.delivery(authorization=right), secret), Authorized.YES)
        for wrong in ("Basic QWxhZGRpbjpvcGVuIHNlc2FtZR==", "Basic", "", secret, "Bearer Aladdin", "Digest x"):
            self.assertIs(webhook.authorized(self.delivery(authorization=wrong), secret), Authorized.NO, wrong)
        self.assertIs(webhook.authorized(self.delivery(authorization="Bearer "), ""), Authorized.NO)

    def test_a_signature_covers_every_byte_of_the_body(self):
        # RFC 4231, test case 2.
        body, digest = b"what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        signed = self.delivery(body, x_sig=f"sha256={digest}")
        self.assertIs(webhook.signed(signed, "Jefe", "x-sig", prefix="sha256="), Authorized.YES)
        self.assertIs(webhook.signed(signed, "Jeff", "x-sig", prefix="sha256="), Authorized.NO)
        self.assertIs(webhook.signed(signed, "Jefe", "other"), Authorized.ABSENT)
        signed.body += b" "
        self.assertIs(webhook.signed(signed, "Jefe", "x-sig", prefix="sha256="), Authorized.NO)
        sha1 = base64.b64encode(hmac.new(b"k", b"b", hashlib.sha1).digest()).decode()
        given = self.delivery(b"b", x_sig=sha1)
        self.assertIs(webhook.signed(given, b"k", "x-sig", algorithm="sha1", encoding="base64"), Authorized.YES)
        self.assertIs(webhook.signed(given, b"", "x-sig", algorithm="sha1", encoding="base64"), Authorized.NO)


class Failures(unittest.TestCase):
    def test_a_secret_is_blotted_out_of_every_text_of_a_failure(self):
        failure = Failure(
            "auth",
            "x.hunter22",
            "server said hunter22",
            help="do not send hunter22",
            field="hunter22",
            extra={"hunter22": "hunter22 again"},
        ).without("hunter22", "a")
        self.assertNotIn("hunter22", repr(vars(failure)))
        self.assertEqual(failure.message, "server said …")

    def test_a_kind_that_does_not_exist_is_noticed_where_it_is_written(self):
        with self.assertRaises(KeyError):
            Failure("forbiden", "a", "b")


class Least(Connector):
    """What every connector has, and one variable."""

    def describe(self):
        return Description("least", "Least", "1.0.0", "Nothing.", limits=Limits(summary_chars=10))

    def authenticate(self, call, secrets):
        return Authorization([])

    def create(self, call, draft):
        raise NotImplementedError

    def variables(self):
        return [Variable("team", "The team."), Variable("number", "Its number.", access="read")]


class Connectors(unittest.TestCase):
    def test_functions_left_out_say_so(self):
        call = ScriptedHost().call()
        self.assertIsNone(Least().find_contact(call, Person("a", "b")))
        for attempt in (
            lambda: Least().get(call, "1"),
            lambda: Least().find_tickets(call, "1"),
            lambda: Least().choices(call, "team", {}),
        ):
            with self.assertRaises(Failure) as raised:
                attempt()
            self.assertEqual(raised.exception.kind, FailureKind.UNSUPPORTED)

    def test_assignments_change_the_draft_or_are_corrected(self):
        draft = Draft("old", "", "", Person("a", "b"), fields={"team": "1st"})
        applied = Least().apply(
            ScriptedHost().call(), draft, {"subject": "a  new\nsubject line", "team": "2nd", "number": "7", "taem": "x"}
        )
        self.assertEqual(applied.draft.summary, "a new sub…")
        self.assertEqual(applied.draft.fields, {"team": "2nd"})
        self.assertEqual([c.field for c in applied.corrections], ["number", "taem"])
        self.assertEqual(applied.corrections[1].nearest, ["team"])

    def test_only_what_a_class_implements_is_a_world_of_its_component(self):
        class Examined(Least, Examiner):
            pass

        self.assertEqual(connector.worlds(Least), ["connector"])
        self.assertEqual(connector.worlds(Examined), ["connector", "examiner"])

    def test_settings_and_secrets_are_trimmed_and_named_when_missing(self):
        call = Call(Context(settings={"server": " x ", "blank": " "}), ScriptedHost())
        self.assertEqual((call.required("server"), call.setting("blank", "y")), ("x", "y"))
        with self.assertRaises(Failure) as raised:
            call.required("blank")
        self.assertEqual(raised.exception.field, "blank")
        self.assertEqual(repr(Secrets({"key": "hunter22"})), "Secrets(…)")
        with self.assertRaises(Failure):
            Secrets({}).required("key")

    def test_what_is_kept_grows_old(self):
        host = ScriptedHost()
        call = host.call()
        call.cache_json("a", {"b": "ü"}, 60)
        self.assertEqual(call.cached_json("a"), {"b": "ü"})
        host.pass_seconds(60)
        self.assertIsNone(call.cached_json("a"))
        self.assertEqual(call.now_unix(), START_UNIX + 60)


class Types(unittest.TestCase):
    def test_a_created_ticket_has_its_own_list_of_corrections(self):
        first, second = Created(None), Created(None)
        first.corrections.append("x")
        self.assertEqual(second.corrections, [])
        self.assertEqual(http.Raw(1), Raw(1))
