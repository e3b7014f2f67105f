"""The connector over recorded answers of django-helpdesk 2.6.1. With the kit in PYTHONPATH, in the folder above:
python -m unittest"""

import json
import unittest

from helpbell_connector import (
    Attachment,
    Delivery,
    DeviceFacts,
    Draft,
    Failure,
    FailureKind,
    Note,
    Person,
    RequestEffect,
    Secrets,
    Ticket,
    http,
    marker,
)
from helpbell_connector.testing import ScriptedHost

from django_helpdesk import DjangoHelpdesk, words

# A UUID of version 7 of 25 November 2026, 10:58:54 UTC.
PRESS = "01a2125b-c7eb-70d7-b3a6-ce028b11c604"
SETTINGS = {"server": "https://desk.example.com/help/", "queue": "general", "hostname-field": "hostname"}
TICKETS, FOLLOWUPS = "/help/api/tickets/", "/help/api/followups/"
# As the API's own page holds it.
FORM = """<!doctype html><form><select class="form-control" name="queue">
  <option value="3"  >Billing</option> <option value="1"  >General</option> <option value="2">Network &amp; Wi-Fi</option>
</select><select name="assigned_to"><option value="" selected>--------</option><option value="2"  >agnes</option></select>
<select name="status"><option value="1">Open</option><option value="4">Closed</option></select>
<select name="priority"><option value="1"  >1. Critical</option><option value="2">2. High</option><option value="3"  >3. Normal</option></select>
<select name="merged_to"><option value="7">7 High</option></select>
<select name="custom_site"><option value="Milan">Milan</option><option value="Turin">Turin</option></select></form>"""


def ticket(**changes):
    """A ticket as the API shows it."""
    shown = {"id": 7, "queue": 1, "title": "Printer", "description": f"down\n\n[hb:{PRESS}]", "submitter_email": "maria@bianchi.example"}
    shown |= {"assigned_to": None, "status": 1, "on_hold": False, "priority": 3, "followup_set": []}
    return shown | changes


def followup(id=9, **changes):
    """A follow-up as the API shows it."""
    shown = {"id": id, "ticket": 7, "user": 1, "title": "Printer", "comment": "", "public": False, "date": "2026-11-25T10:59:00Z"}
    return shown | {"followupattachment_set": [], "email_recipients": []} | changes


def page(results, count=None, previous=None):
    return {"count": count or len(results), "next": None, "previous": previous, "results": results}


class Desk(unittest.TestCase):
    def setUp(self):
        self.host = ScriptedHost(PRESS)
        self.host.answer("GET", TICKETS, 200, FORM, {"content-type": "text/html; charset=utf-8"})
        self.desk = DjangoHelpdesk()

    def call(self, **settings):
        return self.host.call(SETTINGS | {name.replace("_", "-"): value for name, value in settings.items()})

    def draft(self, **fields):
        person = Person("Maria", "maria@bianchi.example")
        return Draft("Printer", "<p>down</p>", "It is down", person, facts=DeviceFacts("PC-7"), fields=fields)

    def sent(self, method, path):
        return [sent for sent in self.host.requests if (sent.method, sent.path) == (method, path)]

    def failing(self, kind, code, attempt):
        with self.assertRaises(Failure) as raised:
            attempt()
        self.assertEqual((raised.exception.kind, raised.exception.code), (kind, code), raised.exception)
        return raised.exception


class Create(Desk):
    def create(self, draft, **settings):
        created = self.desk.create(self.call(**settings), draft)
        return created, self.sent("POST", TICKETS)[-1].json()

    def test_names_become_numbers_and_the_reference_stands_in_the_description(self):
        self.host.answer("POST", TICKETS, 201, ticket())
        created, body = self.create(
            self.draft(queue="network & wi-fi", priority="critical", agent="Agnes", customfields="site : turin\nseats: 3")
        )
        self.assertEqual(created.corrections, [])
        self.assertEqual(created.ticket, Ticket("7", "7", "https://desk.example.com/help/tickets/7/"))
        self.assertEqual(body.pop("description"), f"It is down\n\n[hb:{PRESS}]")
        self.assertEqual(
            body,
            {
                "queue": "2",
                "title": "Printer",
                "priority": "1",
                "submitter_email": "maria@bianchi.example",
                "assigned_to": "2",
                "custom_hostname": "PC-7",
                "custom_site": "Turin",
                "custom_seats": "3",
            },
        )

    def test_names_are_asked_for_once_and_unknown_ones_fall_back_with_the_nearest(self):
        self.host.answer("POST", TICKETS, 201, ticket())
        created, body = self.create(self.draft(queue="Genral", priority="Ciritcl", agent="agnse", custom_site="Milano"))
        told = {c.field: (c.given, c.used, c.nearest) for c in created.corrections}
        self.assertEqual(
            told,
            {
                "queue": ("Genral", "General", ["General"]),
                "priority": ("Ciritcl", "3. Normal", ["1. Critical"]),
                "agent": ("agnse", None, ["agnes"]),
                "custom_site": ("Milano", None, ["Milan"]),
            },
        )
        self.assertEqual((body["queue"], body["priority"]), ("1", "3"))
        self.assertNotIn("assigned_to", body)

    def test_a_queue_that_is_gone_costs_no_ticket(self):
        self.host.answer("POST", TICKETS, 201, ticket())
        created, body = self.create(self.draft(), queue="Gone")
        self.assertEqual((body["queue"], created.corrections[0].used), ("3", "Billing"))

    def test_where_the_api_has_no_pages_numbers_do(self):
        self.host = ScriptedHost(PRESS)
        self.host.answer("GET", TICKETS, 200, page([]))
        self.host.answer("POST", TICKETS, 201, ticket())
        _, body = self.create(self.draft(priority="2"), queue="4")
        self.assertEqual((body["queue"], body["priority"]), ("4", "2"))
        failure = self.failing(
            FailureKind.INVALID_INPUT, "django-helpdesk.queue-unknown", lambda: self.desk.create(self.call(), self.draft())
        )
        self.assertEqual(failure.field, "queue")

    def test_a_refused_field_that_a_ticket_can_do_without_is_left_out_once(self):
        said = {"submitter_email": ["Enter a valid email address."], "custom_hostname": ["Too long."]}
        self.host.answer("POST", TICKETS, 400, said)
        self.host.answer("POST", TICKETS, 201, ticket())
        created, body = self.create(self.draft())
        self.assertNotIn("submitter_email", body)
        self.assertEqual(len(self.sent("POST", TICKETS)), 2)
        self.assertIn("Enter a valid email address.", created.corrections[0].reason)

    def test_a_mandatory_custom_field_is_told_with_its_cure(self):
        self.host.answer("POST", TICKETS, 400, {"custom_contract": ["This field is required."]})
        failure = self.failing(
            FailureKind.INVALID_INPUT, "django-helpdesk.refused", lambda: self.desk.create(self.call(), self.draft())
        )
        self.assertIn("custom_contract: This field is required.", failure.message)
        self.assertIn("Required?", failure.help)
        self.assertEqual(len(self.sent("POST", TICKETS)), 1)

    def test_a_refusal_forgets_the_names_so_that_the_next_try_asks_afresh(self):
        self.host.answer("POST", TICKETS, 400, {"queue": ["Invalid pk"]})
        for _ in range(2):
            self.failing(
                FailureKind.INVALID_INPUT, "django-helpdesk.refused", lambda: self.desk.create(self.call(), self.draft())
            )
        self.assertEqual(len(self.sent("GET", TICKETS)), 2)

    def test_a_rule_may_set_a_custom_field_by_its_name(self):
        applied = self.desk.apply(self.call(), self.draft(), {"custom_site": "Turin", "subject": "x", "queu": "y"})
        self.assertEqual((applied.draft.summary, applied.draft.fields), ("x", {"custom_site": "Turin"}))
        self.assertEqual(applied.corrections[0].nearest, ["queue"])

    def test_choices_are_those_of_the_form(self):
        labels = [choice.label for choice in self.desk.choices(self.call(), "queue", {})]
        self.assertEqual(labels, ["Billing", "General", "Network & Wi-Fi"])
        self.failing(FailureKind.UNSUPPORTED, "django-helpdesk.no-list", lambda: self.desk.choices(self.call(), "colour", {}))


class Find(Desk):
    def setUp(self):
        super().setUp()
        self.host = ScriptedHost(PRESS)

    def find(self):
        return [found.id for found in self.desk.find_tickets(self.call(), PRESS)]

    def test_the_first_follow_up_leads_to_the_ticket_and_a_longer_reference_does_not(self):
        opening = followup(1, comment=f"down [hb:{PRESS}]", public=True)
        note = followup(2, ticket=8, comment=f"[hb:{PRESS}/report]")
        self.host.answer("GET", FOLLOWUPS, 200, page([opening, note]))
        self.host.answer("GET", TICKETS, 200, page([ticket(id=8, description=f"[hb:{PRESS}0]"), ticket()]))
        self.host.answer("GET", f"{TICKETS}7/", 200, ticket())
        self.assertEqual(self.find(), ["7"])

    def test_a_ticket_without_its_first_follow_up_is_found_among_the_newest(self):
        self.host.answer("GET", FOLLOWUPS, 200, page([]))
        # The last page may hold a single one.
        self.host.answer("GET", TICKETS, 200, page([ticket(id=8, description="other")], count=26, previous="?page=1"))
        self.host.answer("GET", TICKETS, 200, page([ticket()], count=26))
        self.host.answer("GET", f"{TICKETS}7/", 200, ticket())
        self.assertEqual(self.find(), ["7"])
        self.assertEqual(self.sent("GET", TICKETS)[1].query, "status=1&page_size=25&page=1")

    def test_follow_ups_are_looked_through_back_to_the_press_and_no_further(self):
        newest = page([followup(201, ticket=9)], count=201, previous="?page=2")
        middle = page([followup(n, ticket=8) for n in range(101, 201)], count=201, previous="?page=1")
        before = page([followup(n, date="2026-11-20T00:00:00+01:00") for n in range(1, 101)], count=301, previous="?page=0")
        for answer in (newest, middle, before):
            self.host.answer("GET", FOLLOWUPS, 200, answer)
        self.host.answer("GET", TICKETS, 200, page([]))
        self.assertEqual(self.find(), [])
        pages = [sent.query for sent in self.sent("GET", FOLLOWUPS)]
        self.assertEqual(pages, [f"page_size=100&page={page}" for page in ("last", "2", "1")])

    def test_a_lookup_that_cannot_see_all_fails_instead_of_saying_no(self):
        self.host.answer("GET", FOLLOWUPS, 200, page([followup()], count=50_000, previous="?page=1"))
        self.failing(FailureKind.UNAVAILABLE, "django-helpdesk.lookup-too-long", self.find)
        self.assertLessEqual(len(self.host.requests), 100, "the host lets so many requests pass")

    def test_a_merged_tickets_follow_up_leads_to_where_it_is_now(self):
        self.host.answer("GET", FOLLOWUPS, 200, page([followup(1, ticket=8, comment=f"[hb:{PRESS}]", public=True)]))
        self.host.answer("GET", TICKETS, 200, page([]))
        self.host.answer("GET", f"{TICKETS}8/", 200, ticket(id=8, description="another"))
        self.assertEqual(self.find(), ["8"])


class Notes(Desk):
    def note(self, *files):
        attachments = [
            Attachment(self.host.add_blob(content), name, "text/html", len(content), f"{PRESS}/{name}")
            for name, content in files
        ]
        return Note(True, "<p>x</p>", "Report of {{ ticket }}", attachments, f"{PRESS}/report")

    def add(self, note, **settings):
        return self.desk.add_note(self.call(**settings), Ticket("7", "7"), note)

    def answered(self, **changes):
        """The API answers with the follow-up that it was sent."""
        host = self.host

        class Echoing(ScriptedHost):
            def send(self, request):
                if request.method != "POST":
                    return super().send(request)
                host.answer("POST", FOLLOWUPS, 201)
                super().send(request)
                body = host.requests[-1].body.decode("utf-8", "replace")
                names = [line.split('filename="')[1].split('"')[0] for line in body.splitlines() if "filename=" in line]
                kept = [{"filename": name} for name in names]
                text = json.dumps(followup(followupattachment_set=kept) | changes)
                return http.Response(201, [], text.encode())

        host.__class__ = Echoing

    def test_a_private_follow_up_has_no_title_and_its_files_names_that_are_taken_and_cannot_be_guessed(self):
        self.answered()
        added = self.add(self.note(("report.html", b"<p>"), ("screen.png", b"\x89PNG\r\n")))
        self.assertEqual(added.attachments, [f"{PRESS}/report.html", f"{PRESS}/screen.png"])
        self.assertTrue(added.confirmed)
        body = self.host.requests[0].body
        self.assertNotIn(b'name="title"', body)
        self.assertIn(b'name="public"\r\n\r\nfalse\r\n', body)
        self.assertIn(b"\x89PNG\r\n", body)
        self.assertRegex(body, rb'filename="report-[0-9a-f]{16}\.html\.txt"')
        self.assertRegex(body, rb'filename="screen-[0-9a-f]{16}\.png"')
        self.assertIn(f"[hb:{PRESS}/report]".encode(), body)

    def test_endings_that_the_desk_takes_stay(self):
        self.answered()
        self.add(self.note(("report.html", b"<p>")), file_endings=".png .HTML")
        self.assertRegex(self.host.requests[0].body, rb'filename="report-[0-9a-f]{16}\.html"')

    def test_a_note_that_was_mailed_to_the_person_is_told(self):
        self.answered(email_recipients=["agnes@msp.example", "MARIA@bianchi.example"])
        self.host.answer("GET", f"{TICKETS}7/", 200, ticket())
        failure = self.failing(FailureKind.FORBIDDEN, "django-helpdesk.note-mailed", lambda: self.add(self.note()))
        self.assertIn("HELPDESK_NOTIFY_SUBMITTER_FOR_ALL_TICKET_CHANGES", failure.help)

    def test_a_note_that_was_mailed_to_agents_is_as_private_as_before(self):
        self.answered(email_recipients=["agnes@msp.example"])
        self.host.answer("GET", f"{TICKETS}7/", 200, ticket())
        self.assertTrue(self.add(self.note()).confirmed)

    def test_without_a_private_follow_up_no_file_goes_anywhere(self):
        file = self.note(("a.txt", b"x")).attachments[0]
        self.failing(
            FailureKind.UNSUPPORTED,
            "django-helpdesk.no-loose-files",
            lambda: self.desk.attach(self.call(), Ticket("7", "7"), None, file),
        )
        self.assertEqual(self.host.requests, [])

    def test_one_more_file_names_the_follow_up_it_belongs_to(self):
        self.answered()
        file = self.note(("a.txt", b"x")).attachments[0]
        self.assertEqual(self.desk.attach(self.call(), Ticket("7", "7"), "9", file), "9")
        self.assertIn(b"One more file of follow-up 9.\n", self.host.requests[0].body)

    def test_a_note_is_found_again_with_the_files_that_are_there(self):
        lines = f"r-1.html.txt [hb:{PRESS}/r.html]\nlost.txt [hb:{PRESS}/lost]\n[hb:{PRESS}/report]"
        first = followup(9, comment=f"Report\n\n{lines}", followupattachment_set=[{"filename": "r-1.html.txt"}])
        other = followup(11, comment=f"One more file of follow-up 99.\n\nx [hb:x]", followupattachment_set=[{"filename": "x"}])
        later = followup(10, comment=f"One more file of follow-up 9.\n\ns.png [hb:{PRESS}/s]", followupattachment_set=[{"filename": "s.png"}])
        self.host.answer("GET", f"{TICKETS}7/", 200, ticket(followup_set=[first, later, other]))
        (found,) = self.desk.find_notes(self.call(), Ticket("7", "7"), f"{PRESS}/report")
        self.assertEqual((found.id, found.attachments), ("9", [f"{PRESS}/r.html", f"{PRESS}/s"]))
        self.assertTrue(found.confirmed)


class Words(unittest.TestCase):
    """That django-helpdesk's own templates give these back is seen against the real server."""

    def test_nothing_of_a_strangers_is_a_template_a_hidden_link_or_a_reference(self):
        for hostile in ("{{ a }}", "{% if %}", "{# x #}", "a {% b", "c %} d", "{{{%"):
            safe = words.comment(hostile)
            left = safe.replace('{{ "{" }}', "").replace('{{ "}" }}', "")
            self.assertNotIn("{", left, safe)
            self.assertNotIn("%}", safe)
        self.assertEqual(words.plain("#5 [a](http://x) &#39; # 5"), "#\u20605 [a]\u200b(http://x) &#\u206039; # 5")
        self.assertNotIn("X-HELPDESK-COMMENT", words.comment("X-HELPDESK-COMMENT-VERBATIM"))
        self.assertTrue(marker.carries(words.comment(marker.written(PRESS)), PRESS))

    def test_ordinary_text_stays_as_it_is(self):
        for ordinary in ("Straße 5, 100 % } done", "[x] y", "https://desk.example/a?b=c", "a-b"):
            self.assertEqual(words.comment(ordinary), ordinary)


class State(Desk):
    def test_a_ticket_is_shown_without_anything_private(self):
        opening = followup(1, public=True, comment=ticket()["description"], date="2026-11-25T10:59:00Z")
        answer = followup(2, public=True, comment="We are on it", date="2026-11-25T11:00:00Z")
        own = followup(3, public=True, user=None, comment="Thanks", date="2026-11-25T11:01:00Z")
        secret = followup(4, comment="do not tell", date="2026-11-25T11:02:00Z")
        self.host.answer("GET", f"{TICKETS}7/", 200, ticket(assigned_to=2, followup_set=[secret, own, answer, opening]))
        state = self.desk.get(self.call(), "7")
        self.assertEqual((state.status, state.phase, state.agent), ("Open", "open", "agnes"))
        self.assertEqual((state.last_public_note, state.updated), ("We are on it", "2026-11-25T11:02:00Z"))

    def test_an_id_that_is_no_number_reaches_no_path(self):
        self.failing(FailureKind.NOT_FOUND, "django-helpdesk.not-found", lambda: self.desk.get(self.call(), "7/../8"))

    def test_closing_tells_the_reason_privately_and_makes_it_no_resolution(self):
        self.host.answer("POST", FOLLOWUPS, 201, followup())
        self.host.answer("PATCH", f"{TICKETS}7/", 200, ticket(status=4))
        self.desk.close(self.call(), "7", "duplicate of {{ 8 }}")
        note, change = self.host.requests
        self.assertEqual((note.json()["public"], "new_status" in note.json()), (False, False))
        self.assertEqual(change.json(), {"status": 4})


class SigningIn(Desk):
    def sign_in(self, key="helpbell:desk:secret-1"):
        return self.desk.authenticate(self.call(), Secrets({"api-key": key}))

    def test_a_password_may_hold_a_colon_and_goes_as_basic(self):
        self.host.answer("GET", FOLLOWUPS, 200, page([]))
        authorization = self.sign_in()
        self.assertEqual(authorization.placements[0].value, "Basic aGVscGJlbGw6ZGVzazpzZWNyZXQtMQ==")
        self.assertEqual(authorization.identity, "the user helpbell")

    def test_what_is_wrong_is_told_apart_and_without_the_password(self):
        login = {"content-type": "text/html"}
        for status, body, headers, kind, code in (
            (401, {"detail": "Invalid username/password."}, {}, FailureKind.AUTH, "credentials"),
            (403, {"detail": "You do not have permission"}, {}, FailureKind.FORBIDDEN, "not-staff"),
            (404, "<h1>Not Found</h1>", login, FailureKind.NOT_FOUND, "no-api"),
            (302, "", {"location": "/login/"}, FailureKind.NOT_FOUND, "no-api"),
            (200, "<html>sign in", login, FailureKind.NOT_FOUND, "no-api"),
            (503, "<h1>Down</h1>", login, FailureKind.UNAVAILABLE, "failed"),
        ):
            self.host = ScriptedHost()
            self.host.answer("GET", FOLLOWUPS, status, body, headers)
            failure = self.failing(kind, f"django-helpdesk.{code}", self.sign_in)
            self.assertNotIn("secret-1", repr(vars(failure)))
            self.assertTrue(failure.help)
        for key in ("helpbell", "helpbell:", ":x"):
            self.failing(FailureKind.AUTH, "django-helpdesk.key-form", lambda key=key: self.sign_in(key))


class Examined(Desk):
    def examine(self, check, **settings):
        return self.desk.examine(self.call(**settings), check)

    def test_every_check_finds_something_and_wrong_names_get_their_suggestion(self):
        self.host.answer("GET", FOLLOWUPS, 200, page([]))
        for check in self.desk.checks(self.call()):
            self.assertTrue(self.examine(check.id), check)
        (found,) = self.examine("queue", queue="Genral")
        self.assertEqual((found.severity, found.suggestion), ("warning", ("queue", "General")))
        settings = SETTINGS | {"default:priority": "Hihg", "default:agent": "Unassigned"}
        (found,) = self.desk.examine(self.host.call(settings), "defaults")
        self.assertEqual(found.suggestion, ("default:priority", "2. High"))

    def test_a_failure_is_a_finding(self):
        self.host.answer("GET", FOLLOWUPS, 403, {"detail": "no"})
        (found,) = self.examine("api")
        self.assertEqual(found.severity, "problem")
        self.assertIn("Staff status", found.cure[0])


class Hooks(unittest.TestCase):
    def parse(self, body, secret=None, **headers):
        delivery = Delivery("POST", "/", [], list(headers.items()), body)
        return DjangoHelpdesk().verify_and_parse(ScriptedHost().call(), delivery, secret, None).ticket_ids

    def test_a_delivery_is_about_its_ticket(self):
        self.assertEqual(self.parse(b'{"ticket": {"id": 7}, "queue_slug": "sd", "followup_id": 2}'), ["7"])
        for wrong in (b"", b"[]", b'{"ticket": 7}', b'{"ticket": {"id": "7"}}', b'{"ticket": {"id": true}}', b"[" * 99999):
            with self.assertRaises(Failure):
                self.parse(wrong)

    def test_with_a_secret_it_must_carry_it(self):
        body = b'{"ticket": {"id": 7}}'
        self.assertEqual(self.parse(body, "a:b", authorization="Basic YTpi"), ["7"])
        for headers in ({}, {"authorization": "Basic YTpj"}):
            with self.assertRaises(Failure) as raised:
                self.parse(body, "a:b", **headers)
            self.assertEqual(raised.exception.kind, FailureKind.AUTH)


class Wishes(unittest.TestCase):
    def test_what_the_description_promises_is_what_the_desk_can_do(self):
        description = DjangoHelpdesk().describe()
        self.assertNotIn("private-attachments", description.capabilities)
        self.assertEqual({r.method for r in description.requests if r.effect is RequestEffect.EFFECT}, {"POST", "PATCH"})
        self.assertEqual([r.effect for r in description.auth_requests], [RequestEffect.READ])
