"""A PSA that speaks JSON over HTTP: addresses, answers, and what a refusal means. What is the same for all of
them is here; what a connector adds is its own words for a cure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .call import Call
from .failure import Failure, FailureKind
from .http import Request, Response, address
from .text import quote

# Bytes of a body without JSON that can still be a message. Longer ones are pages or dumps.
_MESSAGE_BYTES = 2_000

_KINDS = {
    401: ("auth", "unauthorised"),
    403: ("forbidden", "forbidden"),
    404: ("not-found", "not-found"),
    408: ("timeout", "timeout"),
    409: ("conflict", "conflict"),
    410: ("not-found", "not-found"),
    412: ("conflict", "conflict"),
    413: ("invalid-input", "too-large"),
    429: ("rate-limited", "rate-limited"),
    504: ("timeout", "timeout"),
}


def _no_words(answer: Any) -> str | None:
    return None


@dataclass(frozen=True)
class Kind:
    """What is particular to one kind of PSA."""

    #: As people know it: `Request Tracker`.
    name: str
    #: Before the dot of its failures' codes: `request-tracker`.
    code: str
    #: What to do if something else answers at the address.
    cure: str
    #: The setting that holds its address.
    setting: str = "server"
    #: Its own words out of a refusal's JSON.
    words: Callable[[Any], str | None] = _no_words
    #: Cures by kind of failure, in the words of its screens: `{"auth": "Make a new key under …"}`.
    cures: dict[str, str] = field(default_factory=dict)


class Desk:
    """A PSA, for the length of a call, at the address in the operator's settings."""

    def __init__(self, call: Call, kind: Kind) -> None:
        self.call = call
        self.kind = kind
        self._base = call.required(kind.setting)

    def address(self, path: str, query: dict[str, str] | None = None) -> str:
        """A complete address: the operator's with a path below it and a query."""
        return address(self._base, path, query)

    def get(self, doing: str, path: str, query: dict[str, str] | None = None) -> Any:
        """Reads JSON. `doing` reads after "while": `searching users`."""
        return self.exchange(doing, Request.get(self.address(path, query)))

    def post(self, doing: str, path: str, body: Any) -> Any:
        """Posts JSON, which may hold files as `http.Base64`, and gives the JSON that comes back."""
        return self.exchange(doing, Request.json("POST", self.address(path), body))

    def exchange(self, doing: str, request: Request) -> Any:
        """Sends a request and gives the JSON of the answer; raises a `Failure` for any other answer."""
        return self.read(self.call.send(request), doing)

    def read(self, answer: Response, doing: str) -> Any:
        """The JSON of an answer; raises the `Failure` that it is where it is one."""
        if not answer.ok:
            raise self.failure(answer, doing)
        if answer.is_web_page():
            raise self._stranger(answer, doing)
        return answer.json(f"{self.kind.name}'s answer while {doing}")

    def member(self, value: Any, name: str) -> str:
        """A member that has to be there, as text: the id of what was made."""
        found = value.get(name) if isinstance(value, dict) else None
        if found is None or isinstance(found, (dict, list, bool)):
            message = f"{self.kind.name} answered something unexpected: it names no {name}"
            raise Failure("internal", f"{self.kind.code}.answer-unreadable", message)
        return str(found)

    def failure(self, answer: Response, doing: str) -> Failure:
        """A failure from an answer's status, with the PSA's own words in its message."""
        status, name = answer.status, self.kind.name
        # A page behind 5xx is a proxy's and says what the status says; any other is not the API's.
        if 300 <= status < 400 or (status < 500 and status != 429 and answer.is_web_page()):
            return self._stranger(answer, doing)
        kind, code = _KINDS.get(status, ("unavailable", "server-error") if status >= 500 else ("invalid-input", "refused"))
        words = self._words(answer)
        said = f": “{words}”" if words else ""
        waits = kind in ("rate-limited", "unavailable")
        return Failure(
            kind,
            f"{self.kind.code}.{code}",
            f"{name} answered {status} while {doing}{said}",
            help=self.kind.cures.get(kind) or self._usual_help(kind, status),
            retry_after_ms=answer.retry_after_ms(self.call.now_unix()) if waits else None,
        )

    def _usual_help(self, kind: str, status: int) -> str | None:
        name = self.kind.name
        if status == 413:
            return f"Let the web server before {name} take larger requests, or attach fewer or smaller screenshots."
        return {
            "timeout": f"{name} took too long; Helpbell looks whether it went through before it tries again.",
            "conflict": f"Somebody changed this in {name} at the same moment; Helpbell looks at it again.",
            "rate-limited": f"{name} limits how many requests it takes. Helpbell waits and goes on by itself.",
            "unavailable": f"{name} cannot work at the moment; Helpbell goes on by itself once it can.",
        }.get(kind)

    def _stranger(self, answer: Response, doing: str) -> Failure:
        what = "a web page" if answer.is_web_page() else "something else than JSON"
        return Failure(
            FailureKind.INTERNAL,
            f"{self.kind.code}.stranger",
            f"this is not {self.kind.name}'s API: it answered {answer.status} with {what} while {doing}",
            field=self.kind.setting,
            help=self.kind.cure,
        )

    def _words(self, answer: Response) -> str | None:
        if answer.is_web_page():
            return None
        try:
            words = self.kind.words(answer.json("it"))
        except Failure:
            words = answer.text if len(answer.body) <= _MESSAGE_BYTES else None
        return quote(words) if words else None
