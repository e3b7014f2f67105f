"""django-helpdesk's REST API: requests, and what its refusals mean."""

import base64
from typing import Any

from helpbell_connector import Attachment, Call, Failure
from helpbell_connector.http import Request, Response, address
from helpbell_connector.text import quote

from .about import API_KEY, FOLLOWUPS, SERVER, TICKETS

_USER = "Under Admin > Users check that the user is active, and paste its name and password anew as user:password."
_STAFF = "Under Admin > Users give the user the mark Staff status; django-helpdesk's API takes nobody else."
_ENDPOINT = (
    "Check server: it is the address of the dashboard without dashboard/. In the site's settings set "
    "HELPDESK_ACTIVATE_API_ENDPOINT = True."
)
_TOO_LARGE = (
    "Raise the limit of the web server before django-helpdesk, such as client_max_body_size 25m; in nginx, whose own "
    "default is 1m."
)


def url(call: Call, path: str, query: dict[str, str] | None = None) -> str:
    """A complete address."""
    return address(call.required(SERVER), path, query)


def ticket_path(id: str) -> str:
    """The path of a ticket; its id stands for one segment."""
    if not (id.isascii() and id.isdigit()):
        raise Failure("not-found", "django-helpdesk.not-found", "a ticket's id is a number")
    return f"{TICKETS}{id}/"


def get(call: Call, path: str, query: dict[str, str] | None = None) -> Any:
    """Reads JSON."""
    return answered(call, call.send(Request.get(url(call, path, query))), "a request for data")


def send(call: Call, method: str, path: str, body: Any, doing: str) -> Any:
    """Sends JSON and reads the answer."""
    return answered(call, call.send(Request.json(method, url(call, path), body)), doing)


def send_files(
    call: Call, fields: dict[str, str], files: list[tuple[str, str, Attachment]], doing: str
) -> Any:
    """Posts a follow-up as a form, with its files."""
    request = Request.multipart("POST", url(call, FOLLOWUPS), fields, files)
    return answered(call, call.send(request), doing)


def sign_in(call: Call, key: str) -> tuple[str, str]:
    """The user, and the header's value that signs in with this key, once the API took it."""
    user, colon, password = key.partition(":")
    if not (user and colon and password):
        raise Failure(
            "auth",
            "django-helpdesk.key-form",
            "the key is not of the form user:password",
            field=API_KEY,
            help="Paste user and password of the staff user with a colon between them.",
        )
    value = "Basic " + base64.b64encode(key.encode()).decode()
    request = Request.get(url(call, FOLLOWUPS, {"page_size": "1"})).header("authorization", value)
    answered(call, call.send(request), "signing in")
    return user, value


def answered(call: Call, answer: Response, doing: str) -> Any:
    """The JSON of a success, else the failure that the answer means."""
    if answer.ok and not answer.is_web_page():
        return answer.json("django-helpdesk's answer")
    said = words(answer)
    says = f": django-helpdesk says “{said}”" if said else ""
    status = answer.status
    if status == 401:
        raise Failure("auth", "django-helpdesk.credentials", f"{doing} failed{says}", field=API_KEY, help=_USER)
    if status == 403:
        raise Failure("forbidden", "django-helpdesk.not-staff", f"{doing} was refused{says}", field=API_KEY, help=_STAFF)
    if status == 404 and answer.is_web_page() or answer.ok or 300 <= status < 400:
        # A page, or the way to one: signing in there is not what the API wants.
        message = f"{doing} led to no API at {call.required(SERVER)} (status {status})"
        raise Failure("not-found", "django-helpdesk.no-api", message, field=SERVER, help=_ENDPOINT)
    if status == 404:
        raise Failure("not-found", "django-helpdesk.not-found", f"{doing} found nothing{says}")
    if status in (409, 412):
        help = "Somebody changed this at the same moment; Helpbell looks at it again."
        raise Failure("conflict", "django-helpdesk.conflict", f"{doing} met another change{says}", help=help)
    if 400 <= status < 500 and status not in (413, 429):
        raise Failure(
            "invalid-input",
            "django-helpdesk.refused",
            f"{doing} was refused{says}",
            help="Compare the settings and defaults with what the field wants in django-helpdesk.",
            extra={"answer": answer.text[:2000]},
        )
    if status == 413:
        raise Failure("invalid-input", "django-helpdesk.too-large", f"{doing} was refused as too large", help=_TOO_LARGE)
    if status == 429:
        wait = answer.retry_after_ms(call.now_unix())
        raise Failure("rate-limited", "django-helpdesk.throttled", f"{doing} has to wait{says}", retry_after_ms=wait)
    raise Failure(
        "unavailable",
        "django-helpdesk.failed",
        f"{doing} failed with status {status}{says}",
        help="Look into the log of the web site for the error at this time.",
    )


def words(answer: Response) -> str:
    """What an answer says to people: `queue: This field is required.`"""
    if answer.is_web_page():
        return ""
    try:
        body = answer.json("the answer")
    except Failure:
        return quote(answer.text)
    if isinstance(body, dict) and set(body) != {"detail"}:
        return quote("; ".join(f"{name}: {_joined(said)}" for name, said in body.items()))
    return quote(_joined(body.get("detail") if isinstance(body, dict) else body))


def _joined(said: Any) -> str:
    return " ".join(map(str, said)) if isinstance(said, list) else str(said)
