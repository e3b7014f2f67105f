"""What the desk holds, as JSON: seen as staff over the API and the pages, and as the person who asked, by the
address that django-helpdesk mails to them.

    witness.py ADDRESS DATA seen TICKET | tickets | reply TICKET TEXT | mails PERSON
"""

import difflib
import email
import email.policy
import hashlib
import json
import re
import sqlite3
import sys
from base64 import b64encode
from pathlib import Path
from urllib.parse import urljoin

import requests
from bs4 import BeautifulSoup

ADDRESS, DATA = sys.argv[1], Path(sys.argv[2])

# The page shortens long addresses and links ticket numbers: the same text is hardly ever less alike than this.
ALIKE = 0.85


def words(text):
    return re.sub(r"\s+", " ", text).strip()


def alike(text, other):
    return words(text) in words(other) or difflib.SequenceMatcher(None, words(text), words(other)).ratio() > ALIKE


def signed_in():
    session = requests.Session()
    page = session.get(f"{ADDRESS}/login/")
    token = BeautifulSoup(page.text, "html.parser").find("input", {"name": "csrfmiddlewaretoken"})["value"]
    form = {"username": "witness", "password": "witness-secret", "csrfmiddlewaretoken": token}
    session.post(f"{ADDRESS}/login/", data=form, headers={"Referer": f"{ADDRESS}/login/"}, allow_redirects=False)
    return session


def mails_to(address):
    """The texts of all mails to this person."""
    texts = []
    for file in sorted((DATA / "mail").glob("*.log")) if (DATA / "mail").is_dir() else []:
        for raw in re.split(rb"\n-{79}\n", file.read_bytes()):
            mail = email.message_from_bytes(raw.strip() + b"\n", policy=email.policy.default)
            if address.lower() in str(mail.get("To", "")).lower():
                body = mail.get_body(("plain",))
                texts.append(body.get_content() if body else "")
    return texts


def tickets(session):
    """All tickets by the names that the agents' list shows."""
    query = b64encode(json.dumps({"filtering": {}, "filtering_null": {}, "sorting": "created"}).encode()).decode()
    return session.get(f"{ADDRESS}/datatables_ticket_list/{query}", params={"length": 10000}).json()["data"]


def reply(ticket, text):
    form = {"ticket": ticket, "comment": text, "public": "true"}
    answer = requests.post(f"{ADDRESS}/api/followups/", form, auth=("agnes", "agnes-secret"))
    answer.raise_for_status()
    return answer.json()["id"]


def seen(ticket_id):
    session = signed_in()
    api = session.get(f"{ADDRESS}/api/tickets/{ticket_id}/")
    if api.status_code != 200:
        sys.exit(f"the desk answers {api.status_code} for ticket {ticket_id}")
    ticket = api.json()
    row = next(row for row in tickets(session) if str(row["id"]) == ticket_id)
    submitter = ticket["submitter_email"] or ""
    database = sqlite3.connect(f"file:{DATA / 'desk.sqlite3'}?mode=ro", uri=True)
    slug, key = database.execute(
        "select q.slug, t.secret_key from helpdesk_ticket t join helpdesk_queue q on q.id = t.queue_id where t.id = ?",
        (ticket_id,),
    ).fetchone()
    # Nobody is signed in: this is the link in the mail.
    person = requests.Session()
    public = person.get(f"{ADDRESS}/view/", params={"ticket": f"{slug}-{ticket_id}", "email": submitter, "key": key})
    shown = [block.get_text(" ") for block in BeautifulSoup(public.text, "html.parser").select(".followup")]
    if submitter and ticket["title"] not in BeautifulSoup(public.text, "html.parser").get_text():
        sys.exit("the person's page does not show the ticket; nothing can be said about what is private")
    mailed = mails_to(submitter) if submitter else []

    def file(attachment):
        where = urljoin(ADDRESS, attachment["file"])
        content = session.get(where)
        content.raise_for_status()
        return {
            "name": attachment["filename"],
            "size": len(content.content),
            "sha256": hashlib.sha256(content.content).hexdigest(),
            "private": person.get(where).status_code in (401, 403, 404),
        }

    def note(followup):
        comment = followup["comment"] or followup["title"] or ""
        seen = any(alike(comment, text) for text in shown) or any(words(comment) in words(text) for text in mailed)
        return {
            "text": comment,
            "private": not seen,
            "attachments": [file(attachment) for attachment in followup["followupattachment_set"]],
        }

    followups = sorted(ticket["followup_set"], key=lambda followup: (followup["date"], followup["id"]))
    opening = followups[:1] if followups and followups[0]["comment"] == ticket["description"] else []
    return {
        "id": ticket_id,
        "summary": ticket["title"],
        "body": ticket["description"] or "",
        "requester": submitter or None,
        "status": row["status"],
        "closed": ticket["status"] in (3, 4, 5),
        "fields": [
            ["queue", row["queue"]["title"]],
            ["priority", str(ticket["priority"])],
            ["assigned_to", row["assigned_to"]],
            *([name, str(value)] for name, value in ticket.items() if name.startswith("custom_") and value),
        ],
        "notes": [note(followup) for followup in followups[len(opening) :]],
        "attachments": [file(a) for followup in opening for a in followup["followupattachment_set"]],
    }


match sys.argv[3:]:
    case ["seen", ticket]:
        answer = seen(ticket)
    case ["tickets"]:
        answer = sorted((str(row["id"]) for row in tickets(signed_in())), key=int)
    case ["reply", ticket, text]:
        answer = reply(ticket, text)
    case ["mails", person]:
        answer = mails_to(person)
    case _:
        sys.exit(__doc__)
print(json.dumps(answer))
