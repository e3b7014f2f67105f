"""What an author writes: one subclass of `Connector`, and `export`."""

from __future__ import annotations

from typing import TypeVar

from .call import Call, Secrets
from .failure import Failure
from .pick_list import nearest
from .text import shorten
from .types import (
    AddedNote,
    Applied,
    Attachment,
    Authorization,
    Changes,
    Check,
    Choice,
    Contact,
    Correction,
    Created,
    Delivery,
    Description,
    Device,
    DeviceFacts,
    Draft,
    Finding,
    FoundContact,
    Hook,
    Note,
    Person,
    Ticket,
    TicketState,
    Variable,
)


class Connector:
    """A connector to one kind of PSA. `describe`, `authenticate` and `create` are required; the others say
    "this PSA has no such function" unless implemented, and `describe` must agree with that.

    Every call runs in a fresh instance of the component: keep nothing in the object or the module.
    """

    def describe(self) -> Description:
        """What it is and what it wants. Must not depend on anything."""
        raise NotImplementedError

    def authenticate(self, call: Call, secrets: Secrets) -> Authorization:
        """Turns the operator's secrets into what requests carry. May send `auth_requests` only."""
        raise NotImplementedError

    def create(self, call: Call, draft: Draft) -> Created:
        """Files the ticket with one request that has an effect, `call.reference` in it."""
        raise NotImplementedError

    def find_contact(self, call: Call, person: Person) -> FoundContact | None:
        """Finds the person, or else the catch-all contact."""
        return None

    def find_device(self, call: Call, contact: Contact | None, facts: DeviceFacts) -> Device | None:
        """Finds the machine."""
        return None

    def choices(self, call: Call, field: str, parents: dict[str, str]) -> list[Choice]:
        """The live values of a field."""
        raise _unsupported(f"list the values of {field}")

    def find_tickets(self, call: Call, reference: str) -> list[Ticket]:
        """Tickets that carry exactly this reference."""
        raise _unsupported("find a ticket by its reference")

    def get(self, call: Call, id: str) -> TicketState:
        """A ticket as it stands."""
        raise _unsupported("show a ticket")

    def close(self, call: Call, id: str, reason: str) -> None:
        """Closes a ticket with a private reason."""
        raise _unsupported("close a ticket")

    def add_note(self, call: Call, ticket: Ticket, note: Note) -> AddedNote:
        """Adds a note with its attachments and reads it back where the PSA may drop it silently."""
        raise _unsupported("add a note")

    def attach(self, call: Call, ticket: Ticket, note: str | None, attachment: Attachment) -> str:
        """Adds one more attachment and gives its id."""
        raise _unsupported("attach a file")

    def find_notes(self, call: Call, ticket: Ticket, reference: str) -> list[AddedNote]:
        """The notes of a ticket that carry this reference."""
        raise _unsupported("find a note by its reference")

    def variables(self) -> list[Variable]:
        """What dispatcher rules may read and write here, besides the common variables."""
        return []

    def apply(self, call: Call, draft: Draft, assignments: dict[str, str]) -> Applied:
        """Puts a rule's assignments into the draft. This one knows `subject` and `variables`."""
        return apply_to_fields(draft, assignments, self.variables(), self.describe().limits.summary_chars)


class Examiner:
    """A connector that can examine its integration is one of these too (the world `examiner`)."""

    def checks(self, call: Call) -> list[Check]:
        """What can be examined, in the order in which it makes sense."""
        raise NotImplementedError

    def examine(self, call: Call, check: str) -> list[Finding]:
        """Examines one thing of `checks` by its id. Sends reads only."""
        raise NotImplementedError


class WebhookReceiver:
    """A connector that understands the PSA's webhooks is one of these too (the world `webhook-receiver`)."""

    def key_url(self, call: Call, delivery: Delivery) -> str | None:
        """The address of the key that signs this delivery; most PSAs name none."""
        return None

    def verify_and_parse(self, call: Call, delivery: Delivery, secret: str | None, key: bytes | None) -> Hook:
        """Verifies a delivery and reads which tickets changed. Runs without network. `secret` is what the
        operator and the PSA agreed upon, `key` what was fetched from `key_url`."""
        raise NotImplementedError


class Poller:
    """A connector that can ask for changes is one of these too (the world `change-poller`)."""

    def changes_since(self, call: Call, cursor: str | None) -> Changes:
        """What changed since the cursor; without one, from now on."""
        raise NotImplementedError


def apply_to_fields(
    draft: Draft, assignments: dict[str, str], variables: list[Variable], summary_chars: int
) -> Applied:
    """`subject` becomes the summary, every variable that may be written becomes a field, anything else a
    correction."""
    writable = [variable.name for variable in variables if variable.access == "read-write"]
    corrections = []
    for name, value in assignments.items():
        if name == "subject":
            draft.summary = shorten(" ".join(value.split()), summary_chars)
        elif name in writable:
            draft.fields[name] = value
        else:
            reason = f"there is no variable {name} that a rule could write"
            corrections.append(Correction(name, value, None, reason, nearest(name, writable)))
    return Applied(draft, corrections)


def _unsupported(what: str) -> Failure:
    return Failure("unsupported", "connector.unsupported", f"this connector cannot {what}")


C = TypeVar("C", bound=type[Connector])

_exported: list[type[Connector]] = []


def export(connector: C) -> C:
    """Makes a class the connector of this component. Once per component; works as a decorator too."""
    if not (isinstance(connector, type) and issubclass(connector, Connector)):
        raise TypeError(f"export() takes a subclass of Connector, not {connector!r}")
    if _exported and _exported[0] is not connector:
        raise TypeError(f"a component is one connector: {_exported[0].__name__} is exported already")
    _exported[:] = [connector]
    return connector


def exported() -> type[Connector] | None:
    """The class given to `export`."""
    return _exported[0] if _exported else None


#: The optional worlds of the contract, each with the class that says that a connector does it.
OPTIONAL_WORLDS: dict[str, type] = {
    "examiner": Examiner,
    "webhook-receiver": WebhookReceiver,
    "change-poller": Poller,
}


def worlds(connector: type[Connector]) -> list[str]:
    """The worlds of the contract that a connector exports."""
    return ["connector", *(world for world, kind in OPTIONAL_WORLDS.items() if issubclass(connector, kind))]
