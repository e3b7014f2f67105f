"""Text that comes from people and servers: escaped, shortened, quoted."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote as _percent

#: Characters of a server's own words that are worth showing to an operator.
QUOTE_CHARS = 300

_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;", "\0": ""}
_TAG = re.compile(r"<[^>]*>?")


def escape_html(text: str) -> str:
    """Escapes for HTML content and for attribute values in double or single quotes."""
    return "".join(_ESCAPES.get(character, character) for character in text)


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters; an ellipsis stands for what was cut off."""
    return text if len(text) <= limit else text[: max(limit - 1, 0)].rstrip() + "…"


def quote(text: str) -> str:
    """A server's words on one line, without control characters, at most `QUOTE_CHARS` long."""
    printable = "".join(" " if unicodedata.category(character) == "Cc" else character for character in text)
    return shorten(" ".join(printable.split()), QUOTE_CHARS)


def percent_encode(text: str) -> str:
    """For a query, a form or a segment of a path: everything but RFC 3986's unreserved characters."""
    return _percent(text, safe="")


def strip_tags(html: str) -> str:
    """The text of HTML without its tags. For showing and comparing, never for sanitising."""
    text = _TAG.sub(" ", html)
    for entity, character in (("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#39;", "'")):
        text = text.replace(entity, character)
    # Last, so that `&amp;lt;` becomes `&lt;` and not `<`.
    return " ".join(text.replace("&amp;", "&").split())
