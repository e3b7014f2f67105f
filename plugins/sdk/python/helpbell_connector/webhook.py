"""Whether a webhook's delivery proves that it knows the secret."""

from __future__ import annotations

import base64
import hashlib
import hmac
from enum import Enum

from .types import Delivery


class Authorized(Enum):
    """What a delivery says about a secret."""

    ABSENT = "absent"
    YES = "yes"
    NO = "no"


def header(delivery: Delivery, name: str) -> str | None:
    """The first header of this name (given in lower case)."""
    return next((value for key, value in delivery.headers if key == name), None)


def authorized(delivery: Delivery, secret: str) -> Authorized:
    """Compares the `Authorization` header with the secret: Basic carries it as base64 of `user:password`,
    Bearer as it is."""
    given = header(delivery, "authorization")
    if given is None:
        return Authorized.ABSENT
    scheme, _, credential = given.strip().partition(" ")
    wanted = {"basic": base64.b64encode(secret.encode()).decode(), "bearer": secret}.get(scheme.lower())
    matches = bool(secret) and wanted is not None and same(credential.strip(), wanted)
    return Authorized.YES if matches else Authorized.NO


def signed(
    delivery: Delivery,
    secret: str | bytes,
    name: str,
    *,
    algorithm: str = "sha256",
    encoding: str = "hex",
    prefix: str = "",
) -> Authorized:
    """Compares a header with the HMAC of the raw body. `encoding` is `hex` or `base64`; `prefix` stands before
    the signature, such as `sha256=`."""
    given = header(delivery, name)
    if given is None:
        return Authorized.ABSENT
    key = secret.encode() if isinstance(secret, str) else secret
    digest = hmac.new(key, delivery.body, getattr(hashlib, algorithm)).digest()
    if encoding == "hex":
        return Authorized.YES if key and same(given.strip().lower(), prefix + digest.hex()) else Authorized.NO
    wanted = prefix + base64.b64encode(digest).decode()
    return Authorized.YES if key and same(given.strip(), wanted) else Authorized.NO


def same(a: str, b: str) -> bool:
    """Whether two secrets are the same, in a time that tells nothing but the lengths."""
    return hmac.compare_digest(a.encode(), b.encode())
