"""Text that django-helpdesk would take for something else.

Descriptions and comments are Markdown on the agents' pages, comments are *Django templates* before that:
`{{ ticket.title }}` in a comment is replaced, and `{%` alone makes django-helpdesk fail after it kept half
of the follow-up. A `#5` makes it write a follow-up on ticket 5. None of this is for a stranger's text to
cause. Public pages and mails show the text as it is, so that nothing visible may be added.
"""

import re

# Between `]` and `(`, `[` or `:`: a link with a hidden target, or the definition of one.
_LINK = re.compile(r"\](?=[(\[:])")
_TICKET = re.compile(r"#(?=\d)")
_ZERO_WIDTH_SPACE, _WORD_JOINER = "\u200b", "\u2060"
# `{` of any tag; `}` of `%}`, which django-helpdesk rewrites wherever it stands; and what it rewrites them to.
_TEMPLATE = re.compile(r"\{|(?<=%)\}|(?<=X-HELPDESK)-(?=COMMENT-)")


def plain(text: str) -> str:
    """For a description: no hidden links, no references to other tickets."""
    return _TICKET.sub(f"#{_WORD_JOINER}", _LINK.sub(f"]{_ZERO_WIDTH_SPACE}", text))


def comment(text: str) -> str:
    """For a comment: the same, and no templates. `{{ "{" }}` is a template that gives `{`."""
    return _TEMPLATE.sub(lambda found: f'{{{{ "{found[0]}" }}}}', plain(text))
