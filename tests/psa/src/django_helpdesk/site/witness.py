"""What the desk holds of one ticket, as JSON: seen as staff over the API and the pages, and as the person who
asked, by the address that django-helpdesk mails to them.

    witness.py ADDRESS DATA TICKET
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

ADDRESS, DATA, TICKET = sys.argv[1], Path(sys.argv[2]), sys.argv[3]

# The page shortens long addresses and links ticket numbers: the same text is hardly ever less alike than this.
ALIKE = 0.85


def words(text):
    return re.sub(r"\s+", " ", text).strip()


def alike(text, other):
    return words(text) in words(other) or difflib.SequenceMatcher(None, words(text), words(other)).ratio() > ALIKE


def staff():
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


session = staff()
api = session.get(f"{ADDRESS}/api/tickets/{TICKET}/")
if api.status_code != 200:
    sys.exit(f"the desk answers {api.status_code} for ticket {TICKET}")
ticket = api.json()

# The list of the agents' page tells names where the API tells numbers.
query = b64encode(json.dumps({"filtering": {}, "filtering_null": {}, "sorting": "created"}).encode()).decode()
listed = session.get(f"{ADDRESS}/datatables_ticket_list/{query}", params={"length": 10000}).json()["data"]
row = next(row for row in listed if str(row["id"]) == TICKET)

submitter = ticket["submitter_email"] or ""
database = sqlite3.connect(f"file:{DATA / 'desk.sqlite3'}?mode=ro", uri=True)
slug, key = database.execute(
    "select q.slug, t.secret_key from helpdesk_ticket t join helpdesk_queue q on q.id = t.queue_id where t.id = ?",
    (TICKET,),
).fetchone()
# Nobody is signed in: this is the link in the mail.
person = requests.Session()
public = person.get(f"{ADDRESS}/view/", params={"ticket": f"{slug}-{TICKET}", "email": submitter, "key": key})
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
print(
    json.dumps(
        {
            "id": TICKET,
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
    )
)
