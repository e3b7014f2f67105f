// A host made of recorded answers: a connector's functions run over it under `node --test`.

import { Call } from './call.js';
import { contractExports, isConnector } from './connector.js';
import { Failure } from './failure.js';
import { pieces } from './http.js';

/** Seconds since 1970 at which a {@link ScriptedHost} begins: 6 November 1994, 08:49:37 UTC. */
export const START_UNIX = 784_111_777;

/** A request as it would have gone out, with files already in its body. */
export class Sent {
  /**
   * @param {import('./http.js').Prepared} request
   * @param {Uint8Array} body
   */
  constructor(request, body) {
    const [path = '', query = ''] = request.path.split(/\?(.*)/s);
    this.method = request.method;
    this.origin = `${request.https ? 'https' : 'http'}://${request.authority}`;
    this.path = path;
    /** Without question mark. */
    this.query = query;
    this.headers = Object.fromEntries(request.headers);
    this.body = body;
  }

  text() {
    return new TextDecoder().decode(this.body);
  }

  /** @returns {any} the body as JSON */
  json() {
    return JSON.parse(this.text());
  }
}

/** Answers requests by method and path; keeps a cache, files and a log. */
export class ScriptedHost {
  /** @type {Map<string, (import('./http.js').RawResponse | Failure)[]>} */
  #answers = new Map();
  /** @type {Map<string, { value: Uint8Array, until: number }>} */
  #cache = new Map();
  /** @type {Uint8Array[]} */
  #blobs = [];
  #elapsed = 0;

  /** @type {Sent[]} Everything sent so far, in order. */
  requests = [];
  /** @type {[import('./types.js').LogLevel, string][]} */
  lines = [];
  /** Milliseconds that the connector asked to wait, all in all; a test does not wait. */
  pausedMs = 0;
  /** The press of the calls made from here on. */
  reference = '';

  /**
   * Answers the next request of this method and path. Several answers come in order; the last one stays for all further
   * requests. A body that is no text is sent as JSON.
   * @param {string} method
   * @param {string} path
   * @param {number} status
   * @param {unknown} [body]
   * @param {Record<string, string>} [headers]
   */
  answer(method, path, status, body = '', headers = {}) {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const named = Object.entries(headers).map(([name, value]) => /** @type {[string, string]} */ ([name.toLowerCase(), value]));
    this.#push(method, path, { status, headers: named, body: new TextEncoder().encode(text) });
  }

  /**
   * The same for no answer at all.
   * @param {string} method
   * @param {string} path
   * @param {Failure} failure
   */
  fail(method, path, failure) {
    this.#push(method, path, failure);
  }

  /**
   * Takes back all answers for this method and path, so that others can be given.
   * @param {string} method
   * @param {string} path
   */
  forgetAnswers(method, path) {
    this.#answers.delete(`${method} ${path}`);
  }

  /**
   * Adds a file and gives its number.
   * @param {Uint8Array | string} bytes
   */
  addBlob(bytes) {
    this.#blobs.push(typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes);
    return this.#blobs.length - 1;
  }

  /**
   * Lets seconds pass, for what the cache keeps.
   * @param {number} seconds
   */
  passSeconds(seconds) {
    this.#elapsed += seconds;
  }

  /**
   * What a call is told.
   * @param {Record<string, string>} [settings]
   * @returns {import('./types.js').Context}
   */
  context(settings = {}) {
    return { settings: Object.entries(settings), reference: this.reference, locale: 'en', deadlineMs: 60_000 };
  }

  /**
   * A call with these settings.
   * @param {Record<string, string>} [settings]
   */
  call(settings = {}) {
    return new Call(this.context(settings), this);
  }

  /** Everything sent since the last call of this, as `METHOD /path`, in order. */
  takeRequests() {
    return this.requests.splice(0).map(({ method, path }) => `${method} ${path}`);
  }

  /** The cache's keys, sorted. */
  cacheKeys() {
    return [...this.#cache.keys()].sort();
  }

  /**
   * @param {import('./http.js').Prepared} request
   * @returns {import('./http.js').RawResponse}
   */
  send(request) {
    const read = request.body.flatMap((part) => [...pieces(this, part)]);
    const body = new Uint8Array(read.reduce((sum, piece) => sum + piece.length, 0));
    read.reduce((at, piece) => (body.set(piece, at), at + piece.length), 0);
    const sent = new Sent(request, body);
    this.requests.push(sent);
    const queue = this.#answers.get(`${sent.method} ${sent.path}`);
    const answer = queue && queue.length > 1 ? queue.shift() : queue?.[0];
    if (answer === undefined) {
      throw new Failure('internal', 'testing.unscripted', `the test has no answer for ${sent.method} ${sent.path}`);
    }
    if (answer instanceof Failure) throw answer;
    return answer;
  }

  /** @param {string} key */
  cacheGet(key) {
    const kept = this.#cache.get(key);
    return kept && kept.until > this.#elapsed ? kept.value : undefined;
  }

  /**
   * @param {string} key
   * @param {Uint8Array} value
   * @param {number} ttlS
   */
  cachePut(key, value, ttlS) {
    this.#cache.set(key, { value, until: this.#elapsed + ttlS });
  }

  /**
   * @param {number} blob
   * @param {number} offset
   * @param {number} length
   */
  readBlob(blob, offset, length) {
    const bytes = this.#blobs[blob];
    if (!bytes) throw new Failure('internal', 'blobs.read', `an attachment could not be read: there is no file ${blob}`);
    return bytes.slice(offset, offset + length);
  }

  /**
   * @param {import('./types.js').LogLevel} level
   * @param {string} message
   */
  log(level, message) {
    this.lines.push([level, message]);
  }

  /** @param {number} milliseconds */
  pause(milliseconds) {
    this.pausedMs += milliseconds;
  }

  nowUnix() {
    return START_UNIX + this.#elapsed;
  }

  random() {
    return '0123456789abcdef0123456789abcdef';
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {import('./http.js').RawResponse | Failure} answer
   */
  #push(method, path, answer) {
    const key = `${method} ${path}`;
    this.#answers.set(key, [...(this.#answers.get(key) ?? []), answer]);
  }
}

/**
 * Requests that were sent and that `describe` does not list, as `METHOD /path`: the sandbox would refuse them. Origins
 * are compared by path alone; `base` is what stands before a template's path.
 * @param {unknown} connector
 * @param {Sent[]} requests
 * @param {string} [base]
 */
export function undeclared(connector, requests, base = '') {
  if (!isConnector(connector)) throw new TypeError('this was not made by defineConnector');
  const templates = connector.describe().requests.map(({ method, path }) => ({
    method,
    path: new RegExp(`^${(base + path).split(/\{[^}]*\}/).map(escapeRegExp).join('[^/]+')}$`),
  }));
  return requests
    .filter((sent) => !templates.some(({ method, path }) => method === sent.method && path.test(sent.path)))
    .map(({ method, path }) => `${method} ${path}`);
}

/**
 * The contract's exports of a connector over a scripted host, as the sandbox calls them.
 * @param {unknown} connector
 * @param {ScriptedHost} host
 * @param {string} [version]
 */
export function exportsOf(connector, host, version = '0.0.0') {
  if (!isConnector(connector)) throw new TypeError('this was not made by defineConnector');
  return contractExports(connector, host, version);
}

/**
 * A ticket to be filed, with these members in place of the usual ones.
 * @param {Partial<import('./types.js').Draft>} [members]
 * @returns {import('./types.js').Draft}
 */
export function draft(members = {}) {
  return {
    summary: 'The printer does nothing',
    bodyHtml: '<p>The printer does nothing</p>',
    bodyText: 'The printer does nothing\n',
    person: { name: 'Maria Rossi', email: 'maria.rossi@bianchi.example' },
    facts: { hostname: 'BIANCHI-PC7', macs: [], os: 'Windows 11 Pro 24H2' },
    fields: [],
    ...members,
  };
}

/** @param {string} text */
function escapeRegExp(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
