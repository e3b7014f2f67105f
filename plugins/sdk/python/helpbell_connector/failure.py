"""One exception for everything that goes wrong, in the order in which a person reads it: what, which, cure."""

from __future__ import annotations

import dataclasses
from enum import Enum


class FailureKind(Enum):
    """What the host does about a failure. The values are the contract's."""

    AUTH = 0
    FORBIDDEN = 1
    INVALID_INPUT = 2
    NOT_FOUND = 3
    CONFLICT = 4
    RATE_LIMITED = 5
    UNAVAILABLE = 6
    TIMEOUT = 7
    UNSUPPORTED = 8
    INTERNAL = 9


# Anything shorter is no secret, and would blot out ordinary words.
_SECRET_CHARS = 4


@dataclasses.dataclass(eq=False)
class Failure(Exception):
    """Raised by a connector; the host shows `message` and `help` to whoever can cure it.

    `kind` may be given by its name in the contract: `Failure("forbidden", "my-desk.no-agent", "…")`.
    """

    kind: FailureKind
    code: str
    message: str
    help: str | None = None
    field: str | None = None
    retry_after_ms: int | None = None
    extra: dict[str, str] = dataclasses.field(default_factory=dict)

    def __init__(
        self,
        kind: FailureKind | str,
        code: str,
        message: str,
        *,
        help: str | None = None,
        field: str | None = None,
        retry_after_ms: int | None = None,
        extra: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.kind = kind if isinstance(kind, FailureKind) else FailureKind[kind.upper().replace("-", "_")]
        self.code = code
        self.message = message
        self.help = help
        self.field = field
        self.retry_after_ms = retry_after_ms
        self.extra = dict(extra or {})

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"

    def without(self, *secrets: str) -> Failure:
        """The same with every occurrence of these secrets replaced by an ellipsis: a server that echoes
        what it was sent must not carry a secret into a log."""

        def blot(text: str) -> str:
            for secret in secrets:
                if len(secret) >= _SECRET_CHARS:
                    text = text.replace(secret, "…")
            return text

        return Failure(
            self.kind,
            blot(self.code),
            blot(self.message),
            help=None if self.help is None else blot(self.help),
            field=None if self.field is None else blot(self.field),
            retry_after_ms=self.retry_after_ms,
            extra={blot(name): blot(value) for name, value in self.extra.items()},
        )
