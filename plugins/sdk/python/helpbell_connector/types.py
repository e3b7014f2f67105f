"""The contract's nouns (`wit/psa`), as plain dataclasses.

Names and meanings are the contract's. Lists of name and value are dictionaries here, except where a name
may come twice; everything optional may be left out.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import Enum


class RequestEffect(Enum):
    """Whether a request changes anything at the PSA."""

    READ = 0
    EFFECT = 1


@dataclass
class Refusal:
    """An answer that proves that an effect did not happen."""

    status: int
    member: str | None = None


@dataclass
class WantedRequest:
    """A request the connector wants to send. `read` and `effect` make one."""

    origin: str
    method: str
    path: str
    effect: RequestEffect
    purpose: str
    refusals: list[Refusal] = dataclasses.field(default_factory=list)


def read(origin: str, method: str, path: str, purpose: str) -> WantedRequest:
    """A request that does no harm when sent twice."""
    return WantedRequest(origin, method, path, RequestEffect.READ, purpose)


def effect(
    origin: str, method: str, path: str, purpose: str, refusals: list[Refusal] | None = None
) -> WantedRequest:
    """A request that may do a thing twice when sent twice."""
    return WantedRequest(origin, method, path, RequestEffect.EFFECT, purpose, refusals or [])


@dataclass
class Setting:
    """A setting the operator fills in. Kinds: text, url, email, integer, boolean, choice."""

    name: str
    label: str
    help: str
    kind: str = "text"
    choices: dict[str, str] = dataclasses.field(default_factory=dict)
    required: bool = False
    default: str | None = None
    example: str = ""


@dataclass
class Secret:
    """A secret the operator pastes; only `authenticate` sees it."""

    name: str
    label: str
    help: str
    example: str = ""


@dataclass
class Fixed:
    """An origin whose address is known beforehand."""

    value: str


@dataclass
class FromSetting:
    """An origin that is the value of the setting of this name, with its path."""

    value: str


@dataclass
class FromSettingOrigin:
    """An origin that is scheme, host and port of the setting of this name."""

    value: str


@dataclass
class Discovered:
    """An origin that `authenticate` returns as endpoint, within one of these."""

    value: list[str]


OriginSource = Fixed | FromSetting | FromSettingOrigin | Discovered


@dataclass
class Origin:
    """A named place that requests go to."""

    name: str
    source: OriginSource


@dataclass
class Strong:
    """A ticket is found as soon as its creation was answered."""


@dataclass
class Eventual:
    """A ticket is found at the latest after so many seconds, once measured."""

    value: int


@dataclass
class NoLookup:
    """There is no lookup."""


LookupStrength = Strong | Eventual | NoLookup


@dataclass
class Limits:
    """Sizes that the PSA accepts."""

    summary_chars: int = 200
    attachment_bytes: int = 0
    note_bytes: int = 0


@dataclass
class Description:
    """Everything the host must know before it lets a connector work."""

    id: str
    name: str
    version: str
    summary: str
    settings: list[Setting] = dataclasses.field(default_factory=list)
    secrets: list[Secret] = dataclasses.field(default_factory=list)
    origins: list[Origin] = dataclasses.field(default_factory=list)
    requests: list[WantedRequest] = dataclasses.field(default_factory=list)
    auth_requests: list[WantedRequest] = dataclasses.field(default_factory=list)
    capabilities: list[str] = dataclasses.field(default_factory=list)
    limits: Limits = dataclasses.field(default_factory=Limits)
    lookup: LookupStrength = dataclasses.field(default_factory=NoLookup)
    extra: dict[str, str] = dataclasses.field(default_factory=dict)


@dataclass
class Header:
    """A header of this name."""

    value: str


@dataclass
class Query:
    """A query parameter of this name."""

    value: str


@dataclass
class Placement:
    """One value that authorises requests to an origin."""

    origin: str
    place: Header | Query
    value: str


@dataclass
class Authorization:
    """What requests carry from now on."""

    placements: list[Placement]
    endpoint: str | None = None
    expires_in_s: int | None = None
    identity: str | None = None


@dataclass
class Context:
    """What every call is told. Connectors read it through `Call`."""

    settings: dict[str, str] = dataclasses.field(default_factory=dict)
    endpoint: str | None = None
    reference: str = ""
    locale: str = "en"
    deadline_ms: int = 60_000


@dataclass
class Person:
    """Who asks for help, in their own words."""

    name: str
    email: str
    phone: str | None = None
    company: str | None = None


@dataclass
class Contact:
    """A person the PSA knows."""

    id: str
    name: str
    email: str | None = None
    organisation: tuple[str, str] | None = None
    site: tuple[str, str] | None = None
    extra: dict[str, str] = dataclasses.field(default_factory=dict)


@dataclass
class FoundContact:
    """A contact and how it was found: `email`, `catch-all`, `domain`, `device`."""

    contact: Contact
    matched_by: str


@dataclass
class DeviceFacts:
    """The machine, as it describes itself."""

    hostname: str
    macs: list[str] = dataclasses.field(default_factory=list)
    serial: str | None = None
    ip: str | None = None
    os: str = ""
    user: str | None = None


@dataclass
class Device:
    """A machine the PSA knows, recognised by `hostname`, `serial` or `mac`."""

    id: str
    name: str
    matched_by: str
    extra: dict[str, str] = dataclasses.field(default_factory=dict)


@dataclass
class Attachment:
    """A file, held by the host; `http.Raw` and `http.Base64` put it into a request."""

    blob: int
    name: str
    content_type: str
    size: int
    reference: str


@dataclass
class Draft:
    """A ticket to be filed."""

    summary: str
    body_html: str
    body_text: str
    person: Person
    contact: Contact | None = None
    device: Device | None = None
    facts: DeviceFacts = dataclasses.field(default_factory=lambda: DeviceFacts(""))
    fields: dict[str, str] = dataclasses.field(default_factory=dict)


@dataclass
class Ticket:
    """A ticket that exists."""

    id: str
    number: str
    url: str | None = None


@dataclass
class Correction:
    """A value the PSA would not take, and what was done instead."""

    field: str
    given: str
    used: str | None = None
    reason: str = ""
    nearest: list[str] = dataclasses.field(default_factory=list)


@dataclass
class Created:
    """A ticket that was just made."""

    ticket: Ticket
    corrections: list[Correction] = dataclasses.field(default_factory=list)


@dataclass
class TicketState:
    """A ticket as it stands. Phases: `open`, `waiting`, `closed`."""

    ticket: Ticket
    summary: str
    status: str
    phase: str
    agent: str | None = None
    last_public_note: str | None = None
    updated: str | None = None


@dataclass
class Choice:
    """One entry of a pick-list."""

    id: str
    label: str
    parent: tuple[str, str] | None = None
    is_default: bool = False


@dataclass
class Note:
    """A note to be added."""

    private: bool
    html: str
    text: str
    attachments: list[Attachment]
    reference: str


@dataclass
class AddedNote:
    """A note that exists, with the references of the attachments that are there."""

    id: str
    attachments: list[str]
    confirmed: bool


@dataclass
class Variable:
    """A variable of dispatcher rules. Access: `read`, `read-write`; kind: `text`, `integer`, `list`."""

    name: str
    meaning: str
    access: str = "read-write"
    kind: str = "text"
    choices: list[str] = dataclasses.field(default_factory=list)
    live: bool = False


@dataclass
class Applied:
    """A draft after rules."""

    draft: Draft
    corrections: list[Correction] = dataclasses.field(default_factory=list)


@dataclass
class Check:
    """Something that can be examined."""

    id: str
    title: str


@dataclass
class Finding:
    """What an examination showed. Severities: `ok`, `note`, `warning`, `problem`."""

    severity: str
    summary: str
    why: str = ""
    cure: list[str] = dataclasses.field(default_factory=list)
    suggestion: tuple[str, str] | None = None
    guide: str | None = None


@dataclass
class Delivery:
    """A webhook as it arrived. Names of headers are in lower case."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: list[tuple[str, str]]
    body: bytes


@dataclass
class Reply:
    """What the PSA is answered."""

    status: int
    content_type: str
    body: str


@dataclass
class Hook:
    """The tickets a webhook is about."""

    ticket_ids: list[str]
    reply: Reply | None = None


@dataclass
class Changes:
    """What changed since a cursor."""

    ticket_ids: list[str]
    cursor: str
    more: bool = False
