"""A host made of recorded answers, for native unit tests.

>>> host = ScriptedHost()
>>> host.answer("GET", "/api/users", 200, '{"users": []}')
>>> call = host.call({"server": "https://x.example"})
>>> call.send(Request.get("https://x.example/api/users?search=a")).status
200
>>> host.requests[0].query
'search=a'
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

from .call import Call
from .failure import Failure
from .http import Base64, Part, Raw, Request, Response, split
from .types import Context

#: Seconds since 1970 at which a `ScriptedHost` begins: 6 November 1994, 08:49:37 UTC.
START_UNIX = 784_111_777


@dataclass
class Sent:
    """A request as it would have gone out."""

    method: str
    origin: str
    path: str
    query: str
    headers: list[tuple[str, str]]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class ScriptedHost:
    """Answers requests by method and path; keeps a cache, files and a log."""

    def __init__(self, reference: str = "") -> None:
        self.reference = reference
        self.requests: list[Sent] = []
        self.log_lines: list[tuple[str, str]] = []
        self.paused_ms = 0
        self._answers: dict[tuple[str, str], list[Response | Failure]] = {}
        self._cache: dict[str, tuple[bytes, int]] = {}
        self._blobs: list[bytes] = []
        self._elapsed = 0

    def answer(
        self, method: str, path: str, status: int, body: Any = "", headers: dict[str, str] | None = None
    ) -> None:
        """Answers the next request of this method and path. Several answers come in order; the last one stays
        for all further requests. A body that is no text is sent as JSON."""
        text = body if isinstance(body, str) else json.dumps(body)
        response = Response(status, list((headers or {}).items()), text.encode())
        self._answers.setdefault((method, path), []).append(response)

    def fail(self, method: str, path: str, failure: Failure) -> None:
        """The same for no answer at all."""
        self._answers.setdefault((method, path), []).append(failure)

    def add_blob(self, content: bytes) -> int:
        """Adds a file and gives its number."""
        self._blobs.append(content)
        return len(self._blobs) - 1

    def pass_seconds(self, seconds: int) -> None:
        """Lets seconds pass, for what the cache keeps."""
        self._elapsed += seconds

    def call(self, settings: dict[str, str] | None = None) -> Call:
        """A call with these settings."""
        return Call(Context(settings=dict(settings or {}), reference=self.reference), self)

    def take_requests(self) -> list[str]:
        """Everything sent since the last call of this, as `METHOD /path`, in order."""
        taken = [str(sent) for sent in self.requests]
        self.requests.clear()
        return taken

    def send(self, request: Request) -> Response:
        parts = split(request.url)
        if parts is None:
            raise Failure("invalid-input", "http.address", "not an address")
        https, authority, tail = parts
        path, _, query = tail.partition("?")
        origin = f"{'https' if https else 'http'}://{authority}"
        body = b"".join(self._bytes(part) for part in request.body)
        self.requests.append(Sent(request.method, origin, path, query, list(request.headers), body))
        queue = self._answers.get((request.method, path))
        if not queue:
            raise Failure("internal", "testing.unscripted", f"the test has no answer for {request.method} {path}")
        answer = queue.pop(0) if len(queue) > 1 else queue[0]
        if isinstance(answer, Failure):
            raise answer
        return answer

    def cache_get(self, key: str) -> bytes | None:
        value, until = self._cache.get(key, (b"", 0))
        return value if until > self._elapsed else None

    def cache_put(self, key: str, value: bytes, ttl_s: int) -> None:
        self._cache[key] = (value, self._elapsed + ttl_s)

    def read_blob(self, blob: int, offset: int, length: int) -> bytes:
        if blob >= len(self._blobs):
            raise Failure("internal", "blobs.read", f"there is no file {blob}")
        return self._blobs[blob][offset : offset + length]

    def log(self, level: str, message: str) -> None:
        self.log_lines.append((level, message))

    def pause(self, milliseconds: int) -> None:
        self.paused_ms += milliseconds

    def now_unix(self) -> int:
        return START_UNIX + self._elapsed

    def _bytes(self, part: Part) -> bytes:
        match part:
            case Raw(blob):
                return self.read_blob(blob, 0, 1 << 40)
            case Base64(blob):
                return base64.b64encode(self.read_blob(blob, 0, 1 << 40))
            case _:
                return bytes(part)
