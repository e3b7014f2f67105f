"""The connector to django-helpdesk: tickets, private follow-ups with files, webhooks.

| module | holds |
|---|---|
| `about` | what the connector is and wants |
| `api` | the REST API: requests, and what its refusals mean |
| `names` | queues, priorities, agents and custom fields by the names on django-helpdesk's screens |
| `words` | text that django-helpdesk would take for Markdown or for a template |
| `tickets`, `notes`, `examine`, `hooks` | the contract's functions |
"""

from helpbell_connector import (
    AddedNote,
    Applied,
    Attachment,
    Authorization,
    Call,
    Check,
    Choice,
    Connector,
    Created,
    Delivery,
    Description,
    Draft,
    Examiner,
    Failure,
    Finding,
    Header,
    Hook,
    Note,
    Placement,
    Secrets,
    Ticket,
    TicketState,
    Variable,
    WebhookReceiver,
    export,
)

from . import about, api, examine, hooks, names, notes, tickets


@export
class DjangoHelpdesk(Connector, Examiner, WebhookReceiver):
    """django-helpdesk. Its API knows no people and no machines: who asks stands in the ticket."""

    def describe(self) -> Description:
        return about.description()

    def authenticate(self, call: Call, secrets: Secrets) -> Authorization:
        user, value = api.sign_in(call, secrets.required(about.API_KEY))
        return Authorization([Placement(about.SERVER, Header("Authorization"), value)], identity=f"the user {user}")

    def create(self, call: Call, draft: Draft) -> Created:
        return tickets.create(call, draft)

    def find_tickets(self, call: Call, reference: str) -> list[Ticket]:
        return tickets.find(call, reference)

    def get(self, call: Call, id: str) -> TicketState:
        return tickets.state(call, id)

    def close(self, call: Call, id: str, reason: str) -> None:
        tickets.close(call, id, reason)

    def add_note(self, call: Call, ticket: Ticket, note: Note) -> AddedNote:
        return notes.add(call, ticket, note)

    def attach(self, call: Call, ticket: Ticket, note: str | None, attachment: Attachment) -> str:
        return notes.attach(call, ticket, note, attachment)

    def find_notes(self, call: Call, ticket: Ticket, reference: str) -> list[AddedNote]:
        return notes.find(call, ticket, reference)

    def choices(self, call: Call, field: str, parents: dict[str, str]) -> list[Choice]:
        if field not in names.FIELDS:
            raise Failure("unsupported", "django-helpdesk.no-list", f"there is no list of values for {field}", field=field)
        return names.fetch(call)[names.FIELDS[field]].choices()

    def variables(self) -> list[Variable]:
        return about.variables()

    def apply(self, call: Call, draft: Draft, assignments: dict[str, str]) -> Applied:
        # A custom field may be set by its own name: how many there are is known to the desk only.
        custom = {name: value for name, value in assignments.items() if name.startswith(names.CUSTOM)}
        applied = super().apply(call, draft, {name: value for name, value in assignments.items() if name not in custom})
        applied.draft.fields.update(custom)
        return applied

    def checks(self, call: Call) -> list[Check]:
        return examine.checks()

    def examine(self, call: Call, check: str) -> list[Finding]:
        return examine.examine(call, check)

    def verify_and_parse(self, call: Call, delivery: Delivery, secret: str | None, key: bytes | None) -> Hook:
        return hooks.parse(delivery, secret)
