"""Carries a `Connector` to the contract's exports. Exists only inside a component, where `wit_world` is.

componentize-py looks for one class per exported interface, named after it, in the module it was told to
build. Records go over by their members' names, so that the kit's dataclasses need no copy of the generated
ones; variants and enums go over by their class.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from enum import Enum
from types import SimpleNamespace
from typing import Any

from componentize_py_types import Err
from wit_world.exports import auth, describe
from wit_world.imports import helpbell_psa_types

from . import types
from ._wasi import WasiHost
from .call import Call, Secrets
from .connector import Connector, worlds
from .failure import Failure, FailureKind

# The kit's names for the cases of the contract's variants.
_CASES: dict[type, Callable[..., Any]] = {
    types.Fixed: describe.OriginSource_Fixed,
    types.FromSetting: describe.OriginSource_Setting,
    types.FromSettingOrigin: describe.OriginSource_SettingOrigin,
    types.Discovered: describe.OriginSource_Discovered,
    types.Strong: describe.LookupStrength_Strong,
    types.Eventual: describe.LookupStrength_Eventual,
    types.NoLookup: describe.LookupStrength_None_,
    types.Header: auth.Place_Header,
    types.Query: auth.Place_Query,
}
_ENUMS: dict[type, Any] = {
    types.RequestEffect: describe.RequestEffect,
    FailureKind: helpbell_psa_types.FailureKind,
}
# Members that are dictionaries here and lists of pairs in the contract.
_PAIRS = {"settings", "fields", "extra"}


def outgoing(value: Any) -> Any:
    """A value of the kit's as componentize-py takes it."""
    if isinstance(value, (str, bytes, int)) or value is None:
        return value
    if isinstance(value, dict):
        return list(value.items())
    if isinstance(value, list):
        return [outgoing(item) for item in value]
    if isinstance(value, tuple):
        return tuple(outgoing(item) for item in value)
    if isinstance(value, Enum):
        return _ENUMS[type(value)](value.value)
    if is_dataclass(value):
        members = {member.name: outgoing(getattr(value, member.name)) for member in fields(value)}
        return _CASES.get(type(value), SimpleNamespace)(**members)
    raise TypeError(f"the contract has no {type(value).__name__}")


def incoming(value: Any) -> Any:
    """A value of componentize-py's as the kit has it."""
    if isinstance(value, list):
        return [incoming(item) for item in value]
    if not is_dataclass(value) or isinstance(value, type):
        return value
    members = {}
    for member in fields(value):
        given = incoming(getattr(value, member.name))
        if member.name in _PAIRS:
            # Of several with one name the first counts.
            given = {**dict(given), **dict(reversed(given))}
        members[member.name] = given
    return getattr(types, type(value).__name__)(**members)


def _raised(failure: Failure) -> Err:
    return Err(
        SimpleNamespace(
            kind=_ENUMS[FailureKind](failure.kind.value),
            code=failure.code,
            message=failure.message,
            help=failure.help,
            field=failure.field,
            retry_after_ms=failure.retry_after_ms,
            extra=list(failure.extra.items()),
        )
    )


def _answered(work: Callable[[], Any], *, telling: bool = True) -> Any:
    """What a function of the connector answers, or its failure. A mistake of the connector's is told with its
    place; what it says of itself only where no secret is in reach."""
    try:
        return outgoing(work())
    except Failure as failure:
        raise _raised(failure) from None
    except Exception as error:
        at = traceback.extract_tb(error.__traceback__)[-1]
        words = f": {error}" if telling and str(error) else ""
        message = f"the connector failed with {type(error).__name__}{words}"
        raise _raised(
            Failure("internal", "connector.exception", message, extra={"at": f"{at.filename}:{at.lineno}"})
        ) from None


def exports(connector: type[Connector]) -> dict[str, type]:
    """One class per interface that this connector exports."""

    def call(context: Any) -> Call:
        return Call(incoming(context), WasiHost())

    def worker(name: str) -> Callable[..., Any]:
        def function(_self: Any, context: Any, *arguments: Any) -> Any:
            given = [incoming(argument) for argument in arguments]
            return _answered(lambda: getattr(connector(), name)(call(context), *given))

        return function

    def alone(name: str) -> Callable[..., Any]:
        return lambda _self: outgoing(getattr(connector(), name)())

    def with_pairs(name: str) -> Callable[..., Any]:
        """Whose last argument is a dictionary."""

        def function(_self: Any, context: Any, first: Any, pairs: Any) -> Any:
            return _answered(lambda: getattr(connector(), name)(call(context), incoming(first), dict(pairs)))

        return function

    def authenticate(_self: Any, context: Any, secrets: Any) -> Any:
        work = lambda: connector().authenticate(call(context), Secrets(dict(secrets)))  # noqa: E731
        return _answered(work, telling=False)

    interfaces: dict[str, dict[str, Callable[..., Any]]] = {
        "Describe": {"describe": alone("describe")},
        "Auth": {"authenticate": authenticate},
        "Directory": {
            "find_contact": worker("find_contact"),
            "find_device": worker("find_device"),
            "choices": with_pairs("choices"),
        },
        "Tickets": {
            "find_by_reference": worker("find_tickets"),
            "create": worker("create"),
            "get": worker("get"),
            "close": worker("close"),
        },
        "Notes": {
            "add": worker("add_note"),
            "attach": worker("attach"),
            "find_by_reference": worker("find_notes"),
        },
        "Dispatcher": {"variables": alone("variables"), "apply": with_pairs("apply")},
    }
    optional = {
        "examiner": ("Doctor", {"checks": worker("checks"), "examine": worker("examine")}),
        "webhook-receiver": (
            "Webhooks",
            {"key_url": worker("key_url"), "verify_and_parse": worker("verify_and_parse")},
        ),
        "change-poller": ("Poller", {"changes_since": worker("changes_since")}),
    }
    interfaces.update(optional[world] for world in worlds(connector) if world in optional)
    return {name: type(name, (), dict(functions)) for name, functions in interfaces.items()}
