"""One call of a connector's function: what it was told and what it may use."""

from __future__ import annotations

import json
from typing import Any, Protocol

from .failure import Failure
from .http import Request, Response
from .types import Context


class Host(Protocol):
    """Everything outside a connector: the sandbox's host, or a test's."""

    def send(self, request: Request) -> Response:
        """Sends one request and reads the whole answer. Any status is an answer; `Failure` means that
        there was none, or that the host refused to send."""

    def cache_get(self, key: str) -> bytes | None:
        """What an earlier call kept under this key, unless too old."""

    def cache_put(self, key: str, value: bytes, ttl_s: int) -> None:
        """Keeps bytes for a number of seconds; may do nothing. Zero seconds forgets."""

    def read_blob(self, blob: int, offset: int, length: int) -> bytes:
        """At most `length` bytes of a file from `offset`; fewer at its end, none behind it."""

    def log(self, level: str, message: str) -> None:
        """Writes one line to the operator's log: `debug`, `info` or `warn`."""

    def pause(self, milliseconds: int) -> None:
        """Waits; the call's deadline goes on."""

    def now_unix(self) -> int:
        """Seconds since 1970, UTC."""


class Call:
    """What a function of a connector is given besides its own arguments."""

    def __init__(self, context: Context, host: Host) -> None:
        self._context = context
        self._host = host

    @property
    def settings(self) -> dict[str, str]:
        """All settings by name, for those whose names are not known beforehand."""
        return self._context.settings

    @property
    def reference(self) -> str:
        """The press this call belongs to; empty outside a press."""
        return self._context.reference

    @property
    def endpoint(self) -> str | None:
        """The base address that `authenticate` discovered."""
        return self._context.endpoint

    @property
    def locale(self) -> str:
        """The person's language, BCP 47."""
        return self._context.locale

    @property
    def deadline_ms(self) -> int:
        """Milliseconds left when the call began."""
        return self._context.deadline_ms

    def setting(self, name: str, default: str = "") -> str:
        """A setting, trimmed; blank counts as absent. Defaults of `describe` have been filled in."""
        return self._context.settings.get(name, "").strip() or default

    def required(self, name: str) -> str:
        """A setting the connector cannot work without."""
        value = self.setting(name)
        if not value:
            raise Failure(
                "invalid-input",
                "settings.missing",
                f"the setting {name} is empty",
                field=name,
                help=f"Fill in {name} in the connector's settings.",
            )
        return value

    def send(self, request: Request) -> Response:
        """Sends one request and reads the whole answer, whatever its status."""
        return self._host.send(request)

    def read_blob(self, blob: int, offset: int, length: int) -> bytes:
        """A piece of a file; for connectors that must look into one."""
        return self._host.read_blob(blob, offset, length)

    def cached_json(self, key: str) -> Any:
        """JSON that an earlier call kept; None without."""
        kept = self._host.cache_get(key)
        try:
            return json.loads(kept) if kept else None
        except ValueError:
            return None

    def cache_json(self, key: str, value: Any, ttl_s: int) -> None:
        """Keeps JSON for so many seconds."""
        self._host.cache_put(key, json.dumps(value, ensure_ascii=False).encode(), ttl_s)

    def forget(self, key: str) -> None:
        """Drops what was kept."""
        self._host.cache_put(key, b"", 0)

    def log(self, message: str, level: str = "info") -> None:
        """A line for the operator: `debug` for the author, `info`, or `warn` for one who should look."""
        self._host.log(level, message)

    def warn(self, message: str) -> None:
        """A line for the operator who should look."""
        self._host.log("warn", message)

    def pause(self, milliseconds: int) -> None:
        """Waits, for something that a PSA shows late."""
        self._host.pause(milliseconds)

    def now_unix(self) -> int:
        """Seconds since 1970, UTC."""
        return self._host.now_unix()


class Secrets:
    """The operator's secrets by name. Prints nothing of them."""

    def __init__(self, secrets: dict[str, str]) -> None:
        self._secrets = secrets

    def required(self, name: str) -> str:
        """A secret as pasted, without white space around it."""
        value = self._secrets.get(name, "").strip()
        if not value:
            raise Failure("auth", "secrets.missing", f"the secret {name} is empty", field=name)
        return value

    def __repr__(self) -> str:
        return "Secrets(…)"
