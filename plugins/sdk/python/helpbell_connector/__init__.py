"""What a Helpbell connector written in Python depends on: one class to subclass, and `export`.

| module | holds |
|---|---|
| `http` | requests, answers, addresses, files in bodies, `Retry-After` |
| `pick_list` | cached lists of names, near misses |
| `marker` | how a press's reference stands in a ticket and is found again |
| `text` | HTML escaping, quoting foreign words, shortening |
| `webhook` | whether a delivery proves that it knows the secret |
| `testing` | a host made of recorded answers |
"""

from . import http, marker, pick_list, text, webhook
from .call import Call, Host, Secrets
from .connector import Connector, Examiner, Poller, WebhookReceiver, apply_to_fields, export
from .failure import Failure, FailureKind
from .types import (
    AddedNote,
    Applied,
    Attachment,
    Authorization,
    Changes,
    Check,
    Choice,
    Contact,
    Context,
    Correction,
    Created,
    Delivery,
    Description,
    Device,
    DeviceFacts,
    Discovered,
    Draft,
    Eventual,
    Finding,
    Fixed,
    FoundContact,
    FromSetting,
    FromSettingOrigin,
    Header,
    Hook,
    Limits,
    NoLookup,
    Note,
    Origin,
    Person,
    Placement,
    Query,
    Refusal,
    Reply,
    RequestEffect,
    Secret,
    Setting,
    Strong,
    Ticket,
    TicketState,
    Variable,
    WantedRequest,
    effect,
    read,
)

__all__ = [name for name in dir() if not name.startswith("_")]
