"""Queues, priorities, agents and custom fields by the names on django-helpdesk's screens.

Its API has no lists of them. But the page that it shows to a browser at /api/tickets/ holds a form, and the
form's fields hold every choice with its name: that is what is read here, once a day. Where a site switched
these pages off (DEFAULT_RENDERER_CLASSES without BrowsableAPIRenderer), nothing is known by name, and numbers do.
"""

from html.parser import HTMLParser

from helpbell_connector import Call, Correction
from helpbell_connector.http import Request
from helpbell_connector.pick_list import Entry, PickList, nearest

from . import api
from .about import TICKETS

#: How custom fields begin in the API.
CUSTOM = "custom_"
#: The variables with lists, and their fields in the form.
FIELDS = {"queue": "queue", "priority": "priority", "agent": "assigned_to", "state": "status"}

# Seconds for which the form is remembered; a name that it lacks is looked for in a fresh one all the same.
_FORM_TTL_S = 24 * 60 * 60
_KEY = "form"
# Duplicates only: the API reads every ticket that its list could show, whatever the page's size.
_FEW = {"status": "5", "page_size": "1"}


def fetch(call: Call) -> dict[str, PickList]:
    """The choices of every field, as they are now."""
    request = Request("GET", api.url(call, TICKETS, _FEW), [("accept", "text/html")])
    answer = call.send(request)
    form = _Form()
    if answer.ok and answer.is_web_page():
        form.feed(answer.text)
    elif not answer.ok:
        api.answered(call, answer, "reading the choices of fields")
    lists = {name: PickList(entries) for name, entries in form.choices.items()}
    for wanted in FIELDS.values():
        lists.setdefault(wanted, PickList())
    kept = {name: [[e.id, e.label, e.also] for e in found.entries] for name, found in lists.items()}
    call.cache_json(_KEY, kept, _FORM_TTL_S)
    return lists


def known(call: Call) -> tuple[dict[str, PickList], bool]:
    """The remembered choices, else fresh ones, and whether they are remembered."""
    kept = call.cached_json(_KEY)
    if isinstance(kept, dict):
        return {name: PickList([Entry(*entry) for entry in found]) for name, found in kept.items()}, True
    return fetch(call), False


def forget(call: Call) -> None:
    """Something that came out of the form was refused."""
    call.forget(_KEY)


def look_up(call: Call, field: str, given: str) -> tuple[Entry | None, PickList]:
    """A value of a form's field by name or number; one that is not remembered is looked for afresh."""
    lists, kept = known(call)
    found = lists.get(field, PickList())
    entry = found.find(given)
    if entry is None and kept:
        found = fetch(call).get(field, PickList())
        entry = found.find(given)
    if entry is None and not found.entries and given.isascii() and given.isdigit():
        entry = Entry(given, given)
    return entry, found


def correction(field: str, given: str, used: Entry | None, found: PickList) -> Correction:
    """What is told of a name that does not exist."""
    reason = f"django-helpdesk has no {field} named {given}"
    if not found.entries:
        reason = f"this django-helpdesk shows no list of {field} names; give the number"
    return Correction(field, given, used.label if used else None, reason, nearest_to(given, found))


def nearest_to(given: str, found: PickList) -> list[str]:
    """The labels that could be meant; a priority's number does not count."""
    labels = {entry.also or entry.label: entry.label for entry in found.entries}
    return [labels[name] for name in nearest(given, labels)]


class _Form(HTMLParser):
    """Collects the options of every `select`. `1. Critical` is also `Critical`."""

    def __init__(self) -> None:
        super().__init__()
        self.choices: dict[str, list[Entry]] = {}
        self._select: str | None = None
        self._option: Entry | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        name = values.get("name") or ""
        if tag == "select":
            self._select = name if name in FIELDS.values() or name.startswith(CUSTOM) else None
        elif tag == "option" and self._select and values.get("value"):
            self._option = Entry(values["value"] or "", "")
            self.choices.setdefault(self._select, []).append(self._option)

    def handle_data(self, data: str) -> None:
        if self._option:
            self._option.label += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "option" and self._option:
            self._option.label = " ".join(self._option.label.split())
            number, dot, rest = self._option.label.partition(". ")
            self._option.also = rest if dot and number.isdigit() else ""
            self._option = None
        elif tag == "select":
            self._select = None
