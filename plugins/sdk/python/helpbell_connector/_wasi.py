"""The host of the sandbox, by the contract's imports. Exists only inside a component, where `wit_world` is."""

from __future__ import annotations

import base64
import time
from typing import Any

from componentize_py_types import Err, Ok
from wit_world.imports import blobs, cache, log, monotonic_clock, outgoing_handler
from wit_world.imports import streams, wasi_http_types as wasi

from .failure import Failure
from .http import MAX_ANSWER_BYTES, Base64, Part, Raw, Request, Response, split
from .text import quote

# Nanoseconds until a connection must stand: a PSA on the same continent answers in well under a second.
_CONNECT_NS = 10_000_000_000
# Nanoseconds until an answer must begin: hosted PSAs need tens of seconds for a large attachment.
_FIRST_BYTE_NS = 60_000_000_000
# Nanoseconds between two pieces of an answer.
_BETWEEN_BYTES_NS = 30_000_000_000
# Bytes of a file read at once: under the contract's 1 MiB, and whole groups of base64.
_SLICE_BYTES = 1024 * 1024 - 1
# Bytes asked of an answer at once.
_READ_BYTES = 64 * 1024

_METHODS = {
    "GET": wasi.Method_Get,
    "POST": wasi.Method_Post,
    "PUT": wasi.Method_Put,
    "PATCH": wasi.Method_Patch,
    "DELETE": wasi.Method_Delete,
    "HEAD": wasi.Method_Head,
}
_LEVELS = {"debug": log.Level.DEBUG, "info": log.Level.INFO, "warn": log.Level.WARN}


class WasiHost:
    """The sandbox's host."""

    def send(self, request: Request) -> Response:
        parts = split(request.url)
        if parts is None:
            raise Failure(
                "invalid-input", "http.address", f"{quote(request.url)} is not an http or https address"
            )
        https, authority, path = parts
        outgoing = _outgoing(request, https, authority, path)
        # The body's handle must be taken before the request leaves.
        body = outgoing.body()
        try:
            answer = outgoing_handler.handle(outgoing, _patience())
        except Err as error:
            raise _failure_of(error.value, authority) from None
        # The host may end the request early (a refusal, a full buffer); the answer then says why, so that a
        # broken stream is no error here. A file that cannot be read is.
        self._write_body(body, request.body)
        with answer.subscribe() as ready:
            ready.block()
        match answer.get():
            case Ok(Ok(response)):
                return _read_answer(response, authority)
            case Ok(Err(code)):
                raise _failure_of(code, authority)
            case _:
                raise Failure("internal", "http.answer", "the host gave no answer to a request")

    def cache_get(self, key: str) -> bytes | None:
        kept: bytes | None = cache.get(key)
        return kept

    def cache_put(self, key: str, value: bytes, ttl_s: int) -> None:
        cache.put(key, value, ttl_s)

    def read_blob(self, blob: int, offset: int, length: int) -> bytes:
        try:
            piece: bytes = blobs.read(blob, offset, length)
            return piece
        except Err as error:
            why = quote(str(error.value))
            raise Failure("internal", "blobs.read", f"an attachment could not be read: {why}") from None

    def log(self, level: str, message: str) -> None:
        log.write(_LEVELS[level], message)

    def pause(self, milliseconds: int) -> None:
        with monotonic_clock.subscribe_duration(milliseconds * 1_000_000) as over:
            over.block()

    def now_unix(self) -> int:
        return int(time.time())

    def _write_body(self, body: Any, parts: list[Part]) -> None:
        with body.write() as stream:
            try:
                for part in parts:
                    if isinstance(part, (Raw, Base64)):
                        self._write_file(stream, part)
                    else:
                        _write_all(stream, part)
                stream.blocking_flush()
            except Err:
                pass
        try:
            wasi.OutgoingBody.finish(body, None)
        except Err:
            pass

    def _write_file(self, stream: Any, part: Raw | Base64) -> None:
        offset, pending = 0, b""
        while True:
            piece = self.read_blob(part.blob, offset, _SLICE_BYTES)
            offset += len(piece)
            if isinstance(part, Raw):
                _write_all(stream, piece)
            else:
                # A host may give fewer bytes than asked for before the end, too.
                pending += piece
                whole = len(pending) - len(pending) % 3 if piece else len(pending)
                _write_all(stream, base64.b64encode(pending[:whole]))
                pending = pending[whole:]
            if not piece:
                return


def _outgoing(request: Request, https: bool, authority: str, path: str) -> Any:
    method = _METHODS.get(request.method)
    try:
        fields = wasi.Fields.from_list([(name, value.encode()) for name, value in request.headers])
        outgoing = wasi.OutgoingRequest(fields)
        outgoing.set_method(method() if method else wasi.Method_Other(request.method))
        outgoing.set_scheme(wasi.Scheme_Https() if https else wasi.Scheme_Http())
        outgoing.set_authority(authority)
        outgoing.set_path_with_query(path)
    except Err as error:
        what = type(error.value).__name__.removeprefix("HeaderError_") if error.value else "not allowed"
        raise Failure(
            "internal", "http.request", f"{request.method} {quote(request.url)} cannot be sent: {what}"
        ) from None
    return outgoing


def _patience() -> Any:
    options = wasi.RequestOptions()
    try:
        options.set_connect_timeout(_CONNECT_NS)
        options.set_first_byte_timeout(_FIRST_BYTE_NS)
        options.set_between_bytes_timeout(_BETWEEN_BYTES_NS)
    except Err:
        # A host that has no such limits says so; it bounds the call as a whole in any case.
        pass
    return options


def _write_all(stream: Any, content: bytes) -> None:
    view = memoryview(content)
    while view:
        room = stream.check_write()
        if not room:
            with stream.subscribe() as ready:
                ready.block()
            continue
        stream.write(bytes(view[:room]))
        view = view[room:]


def _read_answer(response: Any, authority: str) -> Response:
    with response.headers() as fields:
        headers = [(name.lower(), value.decode("utf-8", "replace")) for name, value in fields.entries()]
    status = response.status()
    pieces: list[bytes] = []
    size = 0
    with response.consume() as incoming, incoming.stream() as stream:
        while True:
            try:
                piece = stream.blocking_read(_READ_BYTES)
            except Err as error:
                if isinstance(error.value, streams.StreamError_Closed):
                    break
                why = quote(error.value.value.to_debug_string())
                raise Failure(
                    "unavailable", "http.answer-cut", f"the answer of {authority} could not be read: {why}"
                ) from None
            size += len(piece)
            if size > MAX_ANSWER_BYTES:
                raise Failure(
                    "internal",
                    "http.answer-too-large",
                    f"the answer of {authority} is larger than {MAX_ANSWER_BYTES} bytes",
                )
            pieces.append(piece)
    return Response(status, headers, b"".join(pieces))


_UP = "Check that the server is up and that this machine may reach it; the press is tried again."
_FAILURES: dict[str, tuple[str, str, str, str]] = {
    **dict.fromkeys(
        (
            "DnsTimeout",
            "ConnectionTimeout",
            "ConnectionReadTimeout",
            "ConnectionWriteTimeout",
            "HttpResponseTimeout",
        ),
        ("timeout", "http.timeout", "{} did not answer in time", _UP),
    ),
    **dict.fromkeys(
        ("DnsError", "DestinationNotFound"),
        (
            "unavailable",
            "http.no-such-host",
            "there is no server named {}",
            "Check the spelling of the address in the connector's settings, and this machine's network.",
        ),
    ),
    **dict.fromkeys(
        ("TlsProtocolError", "TlsCertificateError", "TlsAlertReceived"),
        (
            "unavailable",
            "http.tls",
            "no secure connection to {} came about",
            "Check the server's certificate, this machine's clock, and programs that inspect TLS.",
        ),
    ),
    **dict.fromkeys(
        ("HttpRequestDenied", "DestinationIpProhibited"),
        (
            "forbidden",
            "http.denied",
            "Helpbell does not let the connector send this to {}",
            "Look at the connector's grant: it names every address and request that was allowed.",
        ),
    ),
}


def _failure_of(code: Any, authority: str) -> Failure:
    """What a transport error means to a person."""
    name = type(code).__name__.removeprefix("ErrorCode_")
    if name == "InternalError" and code.value:
        # The host's own words, such as which line of a grant would allow a request.
        return Failure("unavailable", "http.host", code.value)
    kind, stable, message, help = _FAILURES.get(
        name, ("unavailable", "http.failed", "the connection to {} failed: " + _words(name), _UP)
    )
    return Failure(kind, stable, message.format(authority), help=help)


def _words(name: str) -> str:
    """`ConnectionRefused` as `connection refused`."""
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()
