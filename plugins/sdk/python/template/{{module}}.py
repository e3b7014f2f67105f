"""The connector for {{title}}.

It speaks the API of the practice desk, which `helpbell connector desk` runs. Put your PSA's in its place, one function
after the other; `helpbell connector test` says what is still kept and what broke.
"""

from typing import Any

from helpbell_connector import (
    AddedNote,
    Attachment,
    Authorization,
    Call,
    Connector,
    Created,
    Description,
    Draft,
    FromSetting,
    Header,
    Limits,
    Note,
    Origin,
    Placement,
    Secret,
    Secrets,
    Setting,
    Strong,
    Ticket,
    TicketState,
    effect,
    export,
    marker,
    read,
)
from helpbell_connector.desk import Desk, Kind
from helpbell_connector.http import Base64

KIND = Kind(
    name="{{title}}",
    code="{{name}}",
    cure="Paste the address of {{title}} as the browser shows it.",
    words=lambda answer: answer.get("error"),
    cures={
        "auth": "Make a new key under Settings > API, then run: helpbell key",
        "forbidden": "Let the key write tickets under Settings > API.",
    },
)


@export
class {{type}}(Connector):
    """{{title}}."""

    def describe(self) -> Description:
        return Description(
            id="{{name}}",
            name="{{title}}",
            version="0.1.0",
            summary="Files tickets in {{title}}.",
            settings=[
                Setting(
                    "server",
                    "Server",
                    "The address of {{title}} in the browser.",
                    kind="url",
                    required=True,
                    example="https://desk.example.com",
                )
            ],
            secrets=[Secret("api-key", "API key", "{{title}} > Settings > API.", example="k-123")],
            origins=[Origin("api", FromSetting("server"))],
            requests=[
                effect("api", "POST", "/tickets", "file the ticket"),
                read("api", "GET", "/tickets", "find a press's ticket again"),
                read("api", "GET", "/tickets/{id}", "show a ticket as it stands"),
                effect("api", "POST", "/tickets/{id}/notes", "add the private note with the report"),
                read("api", "GET", "/tickets/{id}/notes", "find the note again"),
            ],
            capabilities=["html", "private-notes", "private-attachments"],
            limits=Limits(summary_chars=200, attachment_bytes=10_000_000, note_bytes=20_000_000),
            lookup=Strong(),
        )

    def authenticate(self, call: Call, secrets: Secrets) -> Authorization:
        return Authorization([Placement("api", Header("Authorization"), f"Bearer {secrets.required('api-key')}")])

    def create(self, call: Call, draft: Draft) -> Created:
        desk = Desk(call, KIND)
        body = {
            "title": draft.summary,
            "html": draft.body_html + marker.footer_html(call.reference),
            "from": {"name": draft.person.name, "email": draft.person.email},
        }
        return Created(ticket(desk, desk.post("filing the ticket", "/tickets", body)))

    def find_tickets(self, call: Call, reference: str) -> list[Ticket]:
        desk = Desk(call, KIND)
        found = desk.get("looking for the ticket", "/tickets", {"contains": marker.written(reference)})
        return [ticket(desk, each) for each in found]

    def get(self, call: Call, id: str) -> TicketState:
        desk = Desk(call, KIND)
        found = desk.get("reading the ticket", f"/tickets/{id}")
        return TicketState(
            ticket=ticket(desk, found),
            summary=found["title"],
            status=found["state"],
            phase="closed" if found["state"] == "closed" else "open",
            last_public_note=found["notes"][-1]["html"] if found["notes"] else None,
        )

    def add_note(self, call: Call, ticket: Ticket, note: Note) -> AddedNote:
        desk = Desk(call, KIND)
        body = {
            "html": note.html + marker.footer_html(note.reference),
            "private": note.private,
            "files": [file(attachment) for attachment in note.attachments],
        }
        made = desk.post("adding the note", f"/tickets/{ticket.id}/notes", body)
        return AddedNote(desk.member(made, "id"), [attachment.reference for attachment in note.attachments], False)

    def find_notes(self, call: Call, ticket: Ticket, reference: str) -> list[AddedNote]:
        notes = Desk(call, KIND).get("looking for the note", f"/tickets/{ticket.id}/notes")
        return [added(note) for note in notes if marker.carries(note["html"], reference)]


def ticket(desk: Desk, found: Any) -> Ticket:
    id = desk.member(found, "id")
    return Ticket(id, id, desk.address(f"/tickets/{id}"))


def file(attachment: Attachment) -> dict[str, Any]:
    """A file, read by the host piece by piece while it is sent. Its description finds it again."""
    return {
        "name": attachment.name,
        "type": attachment.content_type,
        "description": marker.written(attachment.reference),
        "base64": Base64(attachment.blob),
    }


def added(note: Any) -> AddedNote:
    references = [marker.read(file["description"]) for file in note["files"]]
    return AddedNote(str(note["id"]), [reference for reference in references if reference], True)
