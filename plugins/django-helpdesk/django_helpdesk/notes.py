"""Follow-ups with files.

A file's address holds nothing that a stranger knows, but the person who asked knows most of it: the secret key out
of the link that is mailed to them, the follow-up's number, and the file's name. The web server asks nobody who they
are. So the name gets something that cannot be guessed. Without a title of its own a follow-up takes the ticket's,
whereas any other title would become the ticket's.
"""

import os
from pathlib import PurePosixPath
from typing import Any

from helpbell_connector import AddedNote, Attachment, Call, Failure, Note, Ticket, marker

from . import api, words
from .about import ENDINGS, STOCK_ENDINGS


def add(call: Call, ticket: Ticket, note: Note) -> AddedNote:
    """Adds a follow-up with its files. The answer is what is kept, read back by the API itself."""
    files = [(stored_name(call, attachment.name), attachment) for attachment in note.attachments]
    followup = _post(call, ticket, note.text, marker.written(note.reference), files, private=note.private)
    there = {attachment["filename"] for attachment in followup["followupattachment_set"]}
    kept = [attachment.reference for name, attachment in files if name in there]
    if note.private:
        _check_private(call, ticket, followup)
    return AddedNote(str(followup["id"]), kept, len(kept) == len(files))


def attach(call: Call, ticket: Ticket, note: str | None, attachment: Attachment) -> str:
    """Adds one more file, in a private follow-up of its own: none takes a file afterwards."""
    if note is None:
        # Where no private follow-up can be made, there is no private place for a file either.
        raise Failure("unsupported", "django-helpdesk.no-loose-files", "django-helpdesk keeps files in follow-ups only")
    name = stored_name(call, attachment.name)
    followup = _post(call, ticket, _more(note), "", [(name, attachment)], private=True)
    _check_private(call, ticket, followup)
    return str(followup["id"])


def find(call: Call, ticket: Ticket, reference: str) -> list[AddedNote]:
    """The follow-ups of a ticket that carry this reference, with the files that came in follow-ups of their own."""
    followups = api.get(call, api.ticket_path(ticket.id))["followup_set"]
    found = []
    for followup in followups:
        if marker.carries(followup["comment"] or "", reference):
            id = str(followup["id"])
            more = [other for other in followups if (other["comment"] or "").startswith(_more(id))]
            files = [file for part in (followup, *more) for file in _files_of(part)]
            found.append(AddedNote(id, files, not followup["public"]))
    return found


def stored_name(call: Call, name: str) -> str:
    """`report.html` as `report-1f2e3d4c5b6a7988.html.txt`: not to be guessed, and with an ending that is taken."""
    endings = call.setting(ENDINGS, STOCK_ENDINGS).replace(",", " ").lower().split()
    path = PurePosixPath(name)
    unguessable = f"{path.stem}-{os.urandom(8).hex()}{path.suffix}"
    return unguessable if path.suffix.lower() in ("", *endings) else f"{unguessable}.txt"


def _more(note: str) -> str:
    """What a follow-up says that is nothing but one more file."""
    return f"One more file of follow-up {note}."


def _post(
    call: Call, ticket: Ticket, text: str, mark: str, files: list[tuple[str, Attachment]], *, private: bool
) -> dict[str, Any]:
    # Each file's line tells which file it is, for whoever looks for it again.
    lines = [f"{name} {marker.written(attachment.reference)}" for name, attachment in files]
    comment = "\n".join([words.comment(text.rstrip()), "", *lines, mark]).rstrip()
    fields = {"ticket": ticket.id, "comment": comment, "public": "false" if private else "true"}
    parts = [("attachments", name, attachment) for name, attachment in files]
    followup: dict[str, Any] = api.send_files(call, fields, parts, "adding the follow-up")
    return followup


def _files_of(followup: dict[str, Any]) -> list[str]:
    """The references of the files that a follow-up has."""
    there = {attachment["filename"] for attachment in followup["followupattachment_set"]}
    lines = (line.rpartition(" ") for line in (followup["comment"] or "").splitlines())
    return [reference for name, _, mark in lines if name in there and (reference := marker.read(mark))]


def _check_private(call: Call, ticket: Ticket, followup: dict[str, Any]) -> None:
    """The API tells to whom it mailed a follow-up. The person must not be among them."""
    mailed = [address.lower() for address in followup.get("email_recipients") or []]
    person = (api.get(call, api.ticket_path(ticket.id))["submitter_email"] or "").lower() if mailed else ""
    if followup["public"] or person and person in mailed:
        raise Failure(
            "forbidden",
            "django-helpdesk.note-mailed",
            f"the private follow-up on ticket {ticket.number} was shown or mailed to the person who asked",
            help="In the site's settings set HELPDESK_NOTIFY_SUBMITTER_FOR_ALL_TICKET_CHANGES = False, or "
            "HELPDESK_PRIVATE_FOLLOWUP_MEANS_NO_EMAILS = True.",
        )
