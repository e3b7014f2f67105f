// The host of the sandbox, by the contract's imports: `wasi:http`, `blobs`, `cache`, `log`. Works only inside a
// component. The engine's own `fetch` works over the same imports where functions are async. The kit does without, so that
// a function runs the same natively, a file goes out piece by piece, and the host's reason for a refusal reaches the
// operator.

// @ts-nocheck: these modules exist in the component alone.
import { get as cacheGet, put as cachePut } from 'helpbell:psa/cache@0.1.0';
import { read as readBlob } from 'helpbell:psa/blobs@0.1.0';
import { write as writeLog } from 'helpbell:psa/log@0.1.0';
import { subscribeDuration } from 'wasi:clocks/monotonic-clock@0.2.12';
import { now } from 'wasi:clocks/wall-clock@0.2.12';
import { handle } from 'wasi:http/outgoing-handler@0.2.12';
import { Fields, OutgoingBody, OutgoingRequest, RequestOptions } from 'wasi:http/types@0.2.12';
import { getRandomU64 } from 'wasi:random/random@0.2.12';
import { Failure } from './failure.js';
import { MAX_ANSWER_BYTES, pieces } from './http.js';
import { quote } from './text.js';

/**
 * Nanoseconds until a connection must stand. A PSA on the same continent answers in well under a second; ten allow for
 * a bad mobile link.
 */
const CONNECT_NS = 10_000_000_000n;
/**
 * Nanoseconds until an answer must begin. Hosted PSAs need tens of seconds for a large attachment and give up
 * themselves after a minute.
 */
const FIRST_BYTE_NS = 60_000_000_000n;
/** Nanoseconds between two pieces of an answer. */
const BETWEEN_BYTES_NS = 30_000_000_000n;
const NS_PER_MS = 1_000_000n;
/** Bytes asked of an answer at once. */
const READ_BYTES = 64n * 1024n;

/** Handles are few, and no collector runs in time for them: each is given back as soon as it has served. */
const DISPOSE = Symbol.dispose ?? Symbol.for('dispose');

/** The sandbox's host. */
export const wasiHost = {
  send,
  cacheGet,
  cachePut,
  readBlob(blob, offset, length) {
    try {
      return readBlob(blob, BigInt(offset), length);
    } catch (error) {
      const why = quote(String(payloadOf(error)));
      throw new Failure('internal', 'blobs.read', `an attachment could not be read: ${why}`);
    }
  },
  log: writeLog,
  pause(milliseconds) {
    const pollable = subscribeDuration(BigInt(milliseconds) * NS_PER_MS);
    pollable.block();
    pollable[DISPOSE]();
  },
  nowUnix: () => Number(now().seconds),
  random: () => [getRandomU64(), getRandomU64()].map((half) => half.toString(16).padStart(16, '0')).join(''),
};

function send(request) {
  const outgoing = outgoingOf(request);
  const body = outgoing.body();
  let answer;
  try {
    answer = handle(outgoing, patience());
  } catch (error) {
    throw failureOf(payloadOf(error), request.authority);
  }
  // The host may end the request early (a refusal, a full buffer); the answer then says why, so a broken stream is not
  // an error here. A file that cannot be read is.
  writeBody(body, request.body);
  const ready = answer.subscribe();
  ready.block();
  ready[DISPOSE]();
  const got = answer.get();
  answer[DISPOSE]();
  // result<result<incoming-response, error-code>>: the outer one says whether it was taken before.
  if (got?.tag !== 'ok') throw new Failure('internal', 'http.answer', 'the host gave no answer to a request');
  if (got.val.tag !== 'ok') throw failureOf(got.val.val, request.authority);
  return readAnswer(got.val.val, request.authority);
}

function outgoingOf({ method, https, authority, path, headers }) {
  const cannot = (what) =>
    new Failure('internal', 'http.request', `${quote(`${authority}${path}`)} cannot be requested: ${what}`);
  const fields = new Fields();
  for (const [name, value] of headers) {
    attempt(() => fields.append(name, new TextEncoder().encode(value)), () => cannot(`header ${name}`));
  }
  const request = new OutgoingRequest(fields);
  attempt(() => request.setMethod({ tag: method.toLowerCase() }), () => cannot('the method is not allowed'));
  attempt(() => request.setScheme({ tag: https ? 'HTTPS' : 'HTTP' }), () => cannot('bad scheme'));
  attempt(() => request.setAuthority(authority), () => cannot('bad host name'));
  attempt(() => request.setPathWithQuery(path), () => cannot('bad path'));
  return request;
}

function attempt(run, failure) {
  try {
    return run();
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw failure();
  }
}

function patience() {
  const options = new RequestOptions();
  // A host that has no such limits says so; it bounds the call as a whole in any case.
  for (const [set, value] of [
    ['setConnectTimeout', CONNECT_NS], ['setFirstByteTimeout', FIRST_BYTE_NS], ['setBetweenBytesTimeout', BETWEEN_BYTES_NS],
  ]) {
    try {
      options[set](value);
    } catch {}
  }
  return options;
}

function writeBody(body, parts) {
  const stream = body.write();
  try {
    for (const part of parts) {
      for (const piece of pieces(wasiHost, part)) writeAll(stream, piece);
    }
    stream.blockingFlush();
  } catch (error) {
    if (error instanceof Failure) throw error;
  } finally {
    stream[DISPOSE]();
  }
  try {
    OutgoingBody.finish(body, undefined);
  } catch {}
}

function writeAll(stream, bytes) {
  for (let rest = bytes; rest.length > 0;) {
    const room = Number(stream.checkWrite());
    if (room === 0) {
      const ready = stream.subscribe();
      ready.block();
      ready[DISPOSE]();
      continue;
    }
    stream.write(rest.subarray(0, room));
    rest = rest.subarray(room);
  }
}

function readAnswer(response, authority) {
  const unread = (what) =>
    new Failure('unavailable', 'http.answer-cut', `the answer of ${authority} could not be read: ${what}`);
  const fields = response.headers();
  const decoder = new TextDecoder();
  const headers = fields.entries().map(([name, value]) => [name.toLowerCase(), decoder.decode(value)]);
  fields[DISPOSE]();
  const status = response.status();
  const body = attempt(() => response.consume(), () => unread('it was already read'));
  const stream = attempt(() => body.stream(), () => unread('it was already read'));
  const read = [];
  let length = 0;
  for (;;) {
    let piece;
    try {
      piece = stream.blockingRead(READ_BYTES);
    } catch (error) {
      const why = payloadOf(error);
      if (why?.tag === 'closed') break;
      throw unread(why?.tag === 'last-operation-failed' ? quote(why.val.toDebugString()) : 'the stream broke');
    }
    length += piece.length;
    if (length > MAX_ANSWER_BYTES) {
      throw new Failure('internal', 'http.answer-too-large',
        `the answer of ${authority} is larger than ${MAX_ANSWER_BYTES} bytes`);
    }
    read.push(piece);
  }
  stream[DISPOSE]();
  body[DISPOSE]();
  response[DISPOSE]();
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of read) {
    whole.set(piece, at);
    at += piece.length;
  }
  return { status, headers, body: whole };
}

function payloadOf(error) {
  return error !== null && typeof error === 'object' && 'payload' in error ? error.payload : error;
}

const TRIED_AGAIN = 'Check that the server is up and that this machine may reach it; the press is tried again.';

/** What a transport error means to a person. `authority` is `host:port`. */
function failureOf(code, authority) {
  switch (code?.tag) {
    case 'DNS-timeout':
    case 'connection-timeout':
    case 'connection-read-timeout':
    case 'connection-write-timeout':
    case 'HTTP-response-timeout':
      return new Failure('timeout', 'http.timeout', `${authority} did not answer in time`).help(TRIED_AGAIN);
    case 'DNS-error':
    case 'destination-not-found':
      return new Failure('unavailable', 'http.no-such-host', `there is no server named ${authority}`)
        .help("Check the spelling of the address in the connector's settings, and this machine's network.");
    case 'TLS-protocol-error':
    case 'TLS-certificate-error':
    case 'TLS-alert-received':
      return new Failure('unavailable', 'http.tls', `no secure connection to ${authority} came about`)
        .help("Check the server's certificate, this machine's clock, and programs that inspect TLS.");
    case 'HTTP-request-denied':
    case 'destination-IP-prohibited':
      return new Failure('forbidden', 'http.denied', `Helpbell does not let the connector send this to ${authority}`)
        .help("Look at the connector's grant: it names every address and request that was allowed.");
    case 'internal-error':
      // The host's own words, such as which line of a grant would allow a request.
      if (code.val) return new Failure('unavailable', 'http.host', code.val);
    // falls through
    default: {
      const what = String(code?.tag ?? 'protocol error').replace(/-/g, ' ');
      return new Failure('unavailable', 'http.failed', `the connection to ${authority} failed: ${what}`).help(TRIED_AGAIN);
    }
  }
}
