"""Examining the integration: reads only, with the cure in the words of django-helpdesk's screens."""

from helpbell_connector import Call, Check, Failure, Finding

from . import api, names
from .about import ENDINGS, FOLLOWUPS, QUEUE, STOCK_ENDINGS

GUIDE = "docs/django-helpdesk.md"
_CHECKS = {
    "api": "Does the API take Helpbell's user?",
    "queue": "Is there the queue for new tickets?",
    "defaults": "Do the defaults name what exists?",
    "files": "Does the desk take the report's files, and who can open them?",
}


def checks() -> list[Check]:
    """In the order in which it makes sense."""
    return [Check(id, title) for id, title in _CHECKS.items()]


def examine(call: Call, check: str) -> list[Finding]:
    """Examines one thing."""
    try:
        return {"api": _api, "queue": _queue, "defaults": _defaults, "files": _files}[check](call)
    except KeyError:
        raise Failure("not-found", "django-helpdesk.no-check", f"there is no check {check}") from None
    except Failure as failure:
        why = "Without it a press is kept and not filed."
        return [Finding("problem", failure.message, why, [failure.help] if failure.help else [], guide=f"{GUIDE}#{check}")]


def _api(call: Call) -> list[Finding]:
    api.get(call, FOLLOWUPS, {"page_size": "1"})
    who = call.setting("token:identity", "the user")
    return [Finding("ok", f"the API takes {who} and shows follow-ups")]


def _queue(call: Call) -> list[Finding]:
    return [_one(call, "queue", "queue", call.required(QUEUE), QUEUE)]


def _defaults(call: Call) -> list[Finding]:
    found = []
    for variable, field in names.FIELDS.items():
        given = call.setting(f"default:{variable}")
        if given and given.lower() != "unassigned":
            found.append(_one(call, variable, field, given, f"default:{variable}"))
    return found or [Finding("ok", "no default names anything")]


def _one(call: Call, variable: str, field: str, given: str, setting: str) -> Finding:
    entry, found = names.look_up(call, field, given)
    if entry:
        return Finding("ok", f"there is the {variable} {entry.label}")
    nearest = names.nearest_to(given, found)
    use = f"Set {variable} to one of: {', '.join(nearest or [entry.label for entry in found.entries])}."
    if not found.entries:
        use = "This site shows no names in its API; set the number instead."
    return Finding(
        "warning",
        f"there is no {variable} named {given}",
        "Tickets get another one, and their private note says so.",
        [use],
        (setting, nearest[0]) if nearest else None,
        f"{GUIDE}#defaults",
    )


def _files(call: Call) -> list[Finding]:
    endings = call.setting(ENDINGS, STOCK_ENDINGS).lower().split()
    found = [
        Finding(
            "note",
            "whoever has the address of a file gets it, also of a private follow-up",
            "django-helpdesk's web server asks nobody who they are. Helpbell gives files names that cannot be guessed.",
            ["To close this, let the web server ask for a staff sign-in below MEDIA_URL/helpdesk/attachments/."],
            guide=f"{GUIDE}#files",
        )
    ]
    if not {".html", ".json"} <= set(endings):
        found.append(
            Finding(
                "note",
                "reports are sent as .html.txt and .json.txt",
                "django-helpdesk refuses .html and .json unless told otherwise.",
                ["Leave it so, or add both to HELPDESK_VALID_EXTENSIONS and to file-endings."],
                guide=f"{GUIDE}#files",
            )
        )
    return found
