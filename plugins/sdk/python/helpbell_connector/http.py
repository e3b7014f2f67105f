"""Requests and answers, independent of who carries them."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

from .failure import Failure
from .text import percent_encode, quote
from .types import Attachment

#: Bytes of an answer that are read at most; parsed, an answer needs several times its size of memory.
MAX_ANSWER_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True)
class Raw:
    """A file of the host (`Attachment.blob`) as part of a body, read piece by piece while sending."""

    blob: int


@dataclass(frozen=True)
class Base64:
    """The same, sent as base64."""

    blob: int


Part = bytes | Raw | Base64


@dataclass
class Request:
    """A request. `Authorization`, `Cookie` and `Host` belong to the host of the sandbox."""

    method: str
    url: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: list[Part] = field(default_factory=list)

    def header(self, name: str, value: str) -> Request:
        """Adds a header."""
        self.headers.append((name, value))
        return self

    @classmethod
    def get(cls, url: str) -> Request:
        """A GET of JSON."""
        return cls("GET", url, [("accept", "application/json")])

    @classmethod
    def json(cls, method: str, url: str, body: Any) -> Request:
        """A request with a body of JSON. A `Base64` anywhere in it becomes the text of that file, read piece by
        piece while sending."""
        headers = [("content-type", "application/json"), ("accept", "application/json")]
        return cls(method, url, headers, _json_parts(body))

    @classmethod
    def form(cls, method: str, url: str, fields: dict[str, str]) -> Request:
        """A request with a body as a web form sends it."""
        headers = [("content-type", "application/x-www-form-urlencoded"), ("accept", "application/json")]
        return cls(method, url, headers, [_pairs(fields).encode()])

    @classmethod
    def multipart(
        cls, method: str, url: str, fields: dict[str, str], files: list[tuple[str, str, Attachment]]
    ) -> Request:
        """A request with a body as a web form with files sends it. A file is the field's name, the file's
        name and the attachment; no file is ever held in memory as a whole."""
        # Sixteen random bytes stand in no file by accident, and nobody can guess them beforehand.
        boundary = f"helpbell-{os.urandom(16).hex()}"
        body: list[Part] = []
        for name, value in fields.items():
            head = f'--{boundary}\r\ncontent-disposition: form-data; name="{_quoted(name)}"\r\n\r\n'
            body.append(f"{head}{value}\r\n".encode())
        for name, filename, attachment in files:
            disposition = f'form-data; name="{_quoted(name)}"; filename="{_quoted(filename)}"'
            kind = _one_line(attachment.content_type)
            body.append(
                f"--{boundary}\r\ncontent-disposition: {disposition}\r\ncontent-type: {kind}\r\n\r\n".encode()
            )
            body.append(Raw(attachment.blob))
            body.append(b"\r\n")
        body.append(f"--{boundary}--\r\n".encode())
        headers = [("content-type", f"multipart/form-data; boundary={boundary}"), ("accept", "application/json")]
        return cls(method, url, headers, body)


@dataclass
class Response:
    """An answer of any status. Names of headers are in lower case."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def ok(self) -> bool:
        """200 to 299."""
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        """The body as text, whatever it is."""
        return self.body.decode("utf-8", "replace")

    def header(self, name: str) -> str | None:
        """The first header of this name (given in lower case)."""
        return next((value for key, value in self.headers if key == name), None)

    def json(self, whose: str) -> Any:
        """The body as JSON. `whose` names it for the operator: `My Desk's answer`.

        Raises `Failure` of kind `internal` where it is none.
        """
        try:
            return json.loads(self.body.removeprefix(b"\xef\xbb\xbf"))
        except ValueError as error:
            raise Failure("internal", "json.unreadable", f"{whose} is not readable JSON: {quote(str(error))}") from None

    def is_web_page(self) -> bool:
        """Whether this is a web page and not an API's answer."""
        kind = (self.header("content-type") or "").strip()
        return kind.startswith("text/html") or (self.body.lstrip().startswith(b"<") and "xml" not in kind)

    def retry_after_ms(self, now_unix: int) -> int | None:
        """How long the server wants to be left alone: `Retry-After` as seconds or as a date."""
        value = (self.header("retry-after") or "").strip()
        if value.isascii() and value.isdigit():
            return int(value) * 1000
        try:
            return max(int(parsedate_to_datetime(value).timestamp()) - now_unix, 0) * 1000
        except (TypeError, ValueError):
            return None


def address(base: str, path: str, query: dict[str, str] | None = None) -> str:
    """A complete address: a base as an operator pastes it, with or without a slash at its end, a path that
    begins with one, and a query."""
    url = base.strip().rstrip("/") + path
    if query:
        url += ("&" if "?" in url else "?") + _pairs(query)
    return url


def split(url: str) -> tuple[bool, str, str] | None:
    """An address in its three parts: is it https, `host:port`, and path with query (at least `/`)."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme.lower() not in ("http", "https"):
        return None
    rest = rest.partition("#")[0]
    end = min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=len(rest))
    authority, tail = rest[:end], rest[end:]
    if not authority:
        return None
    return scheme.lower() == "https", authority, tail if tail.startswith("/") else f"/{tail}"


def _json_parts(body: Any) -> list[Part]:
    # Sixteen random bytes stand in no text by accident, and nobody can guess them beforehand.
    mark = f"helpbell-{os.urandom(16).hex()}-"
    files: list[Base64] = []

    def place(value: Any) -> str:
        if not isinstance(value, Base64):
            raise TypeError(f"{type(value).__name__} cannot be written as JSON")
        files.append(value)
        return mark

    texts = json.dumps(body, ensure_ascii=False, default=place).split(mark)
    parts: list[Part] = [texts[0].encode()]
    for file, text in zip(files, texts[1:], strict=True):
        parts += [file, text.encode()]
    return parts


def _pairs(fields: dict[str, str]) -> str:
    return "&".join(f"{percent_encode(name)}={percent_encode(value)}" for name, value in fields.items())


def _quoted(name: str) -> str:
    """As browsers write names in multipart bodies (the HTML standard, 4.10.21.8)."""
    return name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")


def _one_line(value: str) -> str:
    return " ".join(value.split()) or "application/octet-stream"
