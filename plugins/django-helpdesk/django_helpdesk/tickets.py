"""Filing a ticket, finding it again, showing and closing it."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from itertools import islice
from typing import Any
from uuid import UUID

from helpbell_connector import Call, Correction, Created, Draft, Failure, Ticket, TicketState, marker
from helpbell_connector.text import quote

from . import api, names, words
from .about import FOLLOWUPS, HOSTNAME_FIELD, QUEUE, TICKETS

# "3. Normal", which the API does not fill in by itself.
_NORMAL = "3"
# Its constant, unless a site changed HELPDESK_TICKET_CLOSED_STATUS.
_CLOSED = 4
_CLOSED_STATUSES = (3, 4, 5)
# What the statuses are called where the desk shows no names.
_STATUSES = {1: "Open", 2: "Reopened", 3: "Resolved", 4: "Closed", 5: "Duplicate"}
# What a ticket can do without: left out when django-helpdesk refuses the value.
_OPTIONAL = ("assigned_to", "submitter_email")

# A lookup goes back through the desk's follow-ups, newest first, to the time of the press. So many at once, and so
# many times at most: nine thousand follow-ups are weeks of a busy desk, and the host lets a hundred requests pass.
_PAGE, _PAGES = 100, 90
# Of the open tickets the newest are looked at too: one whose filing was cut off has no follow-up yet. Only the open
# ones, because the API reads every ticket that its list could show.
_NEWEST = {"status": "1", "page_size": "25"}
# How far the clocks of a computer and of the desk may be apart.
_CLOCKS = timedelta(days=1)


def create(call: Call, draft: Draft) -> Created:
    """Files the ticket with one effect. A refusal (400 proves that there is no ticket) that names a field the ticket
    can do without is answered once, by leaving it out."""
    body, corrections = _body(call, draft)
    try:
        answer = api.send(call, "POST", TICKETS, body, "filing the ticket")
    except Failure as failure:
        names.forget(call)
        dropped = _droppable(failure, body)
        if not dropped:
            raise _with_cure(failure) from None
        for name, why in dropped.items():
            given = str(body.pop(name))
            field = "agent" if name == "assigned_to" else name
            corrections.append(Correction(field, given, None, f"django-helpdesk refused it: {quote(why)}"))
        answer = api.send(call, "POST", TICKETS, body, "filing the ticket")
    return Created(_ticket(call, answer), corrections)


def _body(call: Call, draft: Draft) -> tuple[dict[str, Any], list[Correction]]:
    corrections: list[Correction] = []
    queue = _queue(call, draft.fields.get("queue", "").strip(), corrections)
    text = words.plain(draft.body_text.rstrip())
    if call.reference:
        text += f"\n\n{marker.written(call.reference)}"
    body: dict[str, Any] = {"queue": queue, "title": draft.summary, "description": text, "priority": _NORMAL}
    if "@" in draft.person.email:
        body["submitter_email"] = draft.person.email.strip()
    for variable, name in (("priority", "priority"), ("agent", "assigned_to")):
        given = draft.fields.get(variable, "").strip()
        if given and not (variable == "agent" and given.lower() == "unassigned"):
            entry, found = names.look_up(call, name, given)
            if entry:
                body[name] = entry.id
            else:
                used = found.find(_NORMAL) if variable == "priority" else None
                corrections.append(names.correction(variable, given, used, found))
    _custom(call, draft, body, corrections)
    return body, corrections


def _queue(call: Call, wanted: str, corrections: list[Correction]) -> str:
    """The queue of a default or rule, else that of the settings, else the first."""
    found = None
    missing: list[str] = []
    for given in (wanted, call.required(QUEUE)):
        if given:
            entry, found = names.look_up(call, "queue", given)
            if entry:
                corrections.extend(names.correction("queue", name, entry, found) for name in missing)
                return entry.id
            missing.append(given)
    if found is None or not found.entries:
        raise Failure(
            "invalid-input",
            "django-helpdesk.queue-unknown",
            f"django-helpdesk shows no list of queues, so that {missing[0]} cannot be found by its title",
            field=QUEUE,
            help="Set queue to the queue's number: it stands in the address of Admin > Queues > the queue.",
        )
    first = found.entries[0]
    corrections.extend(names.correction("queue", name, first, found) for name in missing)
    return first.id


def _custom(call: Call, draft: Draft, body: dict[str, Any], corrections: list[Correction]) -> None:
    """Custom fields: the setting's, those of `customfields`, and those named one by one, which win."""
    wanted: dict[str, str] = {}
    if (field := call.setting(HOSTNAME_FIELD)) and draft.facts.hostname:
        wanted[field] = draft.facts.hostname
    for line in draft.fields.get("customfields", "").splitlines():
        name, colon, value = line.partition(":")
        if colon:
            wanted[name] = value
        elif line.strip():
            corrections.append(Correction("customfields", line.strip(), None, "a line is `name : value`"))
    wanted.update({name: value for name, value in draft.fields.items() if name.startswith(names.CUSTOM)})
    for name, value in wanted.items():
        name, value = names.CUSTOM + name.strip().removeprefix(names.CUSTOM), value.strip()
        lists, _ = names.known(call)
        if name not in lists:
            body[name] = value
            continue
        entry, found = names.look_up(call, name, value)
        if entry:
            body[name] = entry.id
        else:
            corrections.append(names.correction(name, value, None, found))


def _droppable(failure: Failure, body: dict[str, Any]) -> dict[str, str]:
    """The fields that a refusal names and a ticket can do without, each with why; none if another is at fault too."""
    try:
        said = json.loads(failure.extra.get("answer", "")) if failure.code == "django-helpdesk.refused" else None
    except ValueError:
        said = None
    if not isinstance(said, dict):
        return {}
    optional = {name for name in body if name in _OPTIONAL or name.startswith(names.CUSTOM)}
    if not set(said) <= optional:
        return {}
    return {name: " ".join(map(str, why)) if isinstance(why, list) else str(why) for name, why in said.items()}


def _with_cure(failure: Failure) -> Failure:
    if failure.code == "django-helpdesk.refused" and names.CUSTOM in failure.message:
        failure.help = (
            "A custom field is mandatory: set it in the defaults as customfields, one `name : value` a line, or uncheck "
            "Required? under Admin > Custom fields."
        )
        failure.field = "customfields"
    return failure


def _ticket(call: Call, answer: Any) -> Ticket:
    if not isinstance(answer, dict) or "id" not in answer:
        raise Failure("internal", "django-helpdesk.no-id", "django-helpdesk took the ticket, but its answer names no id")
    id = str(answer["id"])
    return Ticket(id, id, api.url(call, f"/tickets/{id}/"))


def find(call: Call, reference: str) -> list[Ticket]:
    """Tickets whose description carries exactly this reference. The API searches nothing, but a ticket's first
    follow-up repeats its description, and follow-ups come by their date."""
    if not reference:
        return []
    candidates: list[str] = []
    for followup in _since(call, _pressed(reference)):
        if marker.carries(followup.get("comment") or "", reference):
            candidates.append(str(followup["ticket"]))
    for newest in islice(_pages_back(call, TICKETS, _NEWEST), 2):
        for ticket in newest:
            if marker.carries(ticket.get("description") or "", reference):
                candidates.append(str(ticket["id"]))
    found = [api.get(call, api.ticket_path(id)) for id in dict.fromkeys(candidates)]
    described = [ticket for ticket in found if marker.carries(ticket.get("description") or "", reference)]
    # A merged ticket's follow-ups moved on: then the ticket where they are now is the one.
    return [_ticket(call, ticket) for ticket in described or found]


def _pressed(reference: str) -> datetime:
    """When the press was made: its reference is a UUID of version 7, which begins with the time."""
    try:
        uuid = UUID(reference)
        if uuid.version == 7:
            return datetime.fromtimestamp((uuid.int >> 80) / 1000, timezone.utc)
    except ValueError:
        pass
    return datetime.fromtimestamp(0, timezone.utc)


def _since(call: Call, pressed: datetime) -> Iterator[dict[str, Any]]:
    """The follow-ups since a time, newest page first. Fails rather than leave any out."""
    pages = 0
    for followups in _pages_back(call, FOLLOWUPS, {"page_size": str(_PAGE)}):
        yield from followups
        pages += 1
        if any(datetime.fromisoformat(followup["date"]) < pressed - _CLOCKS for followup in followups):
            return
        if pages == _PAGES:
            break
    else:
        return
    raise Failure(
        "unavailable",
        "django-helpdesk.lookup-too-long",
        f"more than {_PAGE * _PAGES} follow-ups are newer than this press; not all of them could be looked through",
        help="Look for the press's reference in django-helpdesk's search of tickets.",
    )


def _pages_back(call: Call, path: str, query: dict[str, str]) -> Iterator[list[dict[str, Any]]]:
    """The pages of a list from the last to the first."""
    page = "last"
    while True:
        answer = api.get(call, path, query | {"page": page})
        yield answer["results"]
        if not answer.get("previous"):
            return
        last = -(-answer["count"] // int(query["page_size"]))
        page = str((last if page == "last" else int(page)) - 1)


def state(call: Call, id: str) -> TicketState:
    """A ticket as it stands, for the person who asked."""
    ticket = api.get(call, api.ticket_path(id))
    lists, _ = names.known(call)
    status = lists["status"].find(str(ticket["status"]))
    agent = lists["assigned_to"].find(str(ticket["assigned_to"])) if ticket.get("assigned_to") else None
    followups = sorted(ticket["followup_set"], key=lambda followup: (followup["date"], followup["id"]))
    # The first one repeats the description; those without a user are the person's own.
    said = [f for f in followups if f["public"] and f["user"] and f["comment"] and f["comment"] != ticket["description"]]
    waiting = "waiting" if ticket.get("on_hold") else "open"
    return TicketState(
        ticket=_ticket(call, ticket),
        summary=ticket["title"],
        status=status.label if status else _STATUSES.get(ticket["status"], str(ticket["status"])),
        phase="closed" if ticket["status"] in _CLOSED_STATUSES else waiting,
        agent=agent.label if agent else None,
        last_public_note=said[-1]["comment"] if said else None,
        updated=followups[-1]["date"] if followups else None,
    )


def close(call: Call, id: str, reason: str) -> None:
    """A private follow-up with the reason, then the status. Both in one would make the reason the ticket's
    resolution, which the person sees."""
    path = api.ticket_path(id)
    note = {"ticket": int(id), "comment": words.comment(reason), "public": False}
    api.send(call, "POST", FOLLOWUPS, note, "adding the reason")
    api.send(call, "PATCH", path, {"status": _CLOSED}, "closing the ticket")
