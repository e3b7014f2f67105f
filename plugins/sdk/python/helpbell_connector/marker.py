"""How a press's reference stands in a ticket or a note, and how it is found again.

Written as `[hb:REFERENCE]`: the brackets end the reference even where a server strips tags and glues texts
together. Searched as `hb:REFERENCE`, because brackets are wildcards in the `LIKE` of some databases.
The same, character by character, as in the Rust kit.
"""

from __future__ import annotations

from .text import escape_html

_PREFIX = "hb:"


def written(reference: str) -> str:
    """What to write: `[hb:REFERENCE]`. Escape it where it becomes HTML."""
    return f"[{_PREFIX}{reference}]"


def searched(reference: str) -> str:
    """What to search for: `hb:REFERENCE`."""
    return f"{_PREFIX}{reference}"


def footer_html(reference: str) -> str:
    """A small grey line with the marker, for the end of an HTML text."""
    return f'<p style="color:#888;font-size:11px">{escape_html(written(reference))}</p>'


def carries(text: str, reference: str) -> bool:
    """Whether text or HTML carries exactly this reference: `hb:ab` is not found in `[hb:abc]`."""
    if not reference:
        return False
    plain = searched(reference)
    escaped = escape_html(plain)
    return _carries_word(text, plain) or (escaped != plain and _carries_word(text, escaped))


def read(text: str) -> str | None:
    """The reference in a text that is nothing but a marker, such as an attachment's description."""
    text = text.strip()
    if not (text.startswith(f"[{_PREFIX}") and text.endswith("]")):
        return None
    return text[len(_PREFIX) + 1 : -1] or None


def _part_of_reference(character: str) -> bool:
    return not character.isascii() or character.isalnum() or character in "-_./:"


def _carries_word(text: str, word: str) -> bool:
    start = text.find(word)
    while start >= 0:
        end = start + len(word)
        before, after = text[max(start - 1, 0) : start], text[end : end + 1]
        if not (before and _part_of_reference(before)) and not (after and _part_of_reference(after)):
            return True
        start = text.find(word, end)
    return False
