// A PSA that speaks JSON over HTTP: addresses, answers, and what a refusal means. What is the same for all of them is here;
// what a connector adds is its own words for a cure.

import { Failure } from './failure.js';
import { address } from './http.js';
import * as json from './json.js';
import { quote } from './text.js';

/** Bytes of a body without JSON that can still be a message. Longer ones are pages or dumps. */
const MESSAGE_BYTES = 2000;

/** @type {Record<number, [import('./types.js').FailureKind, string]>} */
const KINDS = {
  401: ['auth', 'unauthorised'],
  403: ['forbidden', 'forbidden'],
  404: ['not-found', 'not-found'],
  408: ['timeout', 'timeout'],
  409: ['conflict', 'conflict'],
  410: ['not-found', 'not-found'],
  412: ['conflict', 'conflict'],
  413: ['invalid-input', 'too-large'],
  429: ['rate-limited', 'rate-limited'],
  504: ['timeout', 'timeout'],
};

/**
 * What is particular to one kind of PSA.
 * @typedef {object} Kind
 * @property {string} name As people know it: `Request Tracker`.
 * @property {string} code Before the dot of its failures' codes: `request-tracker`.
 * @property {string} cure What to do if something else answers at the address.
 * @property {string} [setting] The setting that holds its address; `server` unless given.
 * @property {(answer: unknown) => string | undefined} [words] Its own words out of a refusal's JSON.
 * @property {Partial<Record<import('./types.js').FailureKind, string>>} [cures] In the words of its screens.
 */

/** A PSA, for the length of a call, at the address in the operator's settings. */
export class Desk {
  /**
   * @param {import('./call.js').Call} call
   * @param {Kind} kind
   */
  constructor(call, kind) {
    this.call = call;
    this.kind = kind;
    this.setting = kind.setting ?? 'server';
    this.base = call.required(this.setting);
  }

  /**
   * A complete address: the operator's with a path below it and a query.
   * @param {string} path
   * @param {Record<string, string | number | undefined>} [query]
   */
  address(path, query) {
    return address(this.base, path, query);
  }

  /**
   * Reads JSON. `doing` reads after "while": `searching users`.
   * @param {string} doing
   * @param {string} path
   * @param {Record<string, string | number | undefined>} [query]
   */
  get(doing, path, query) {
    return this.exchange(doing, { url: this.address(path, query) });
  }

  /**
   * Posts JSON, which may hold files as `asBase64(blob)`, and gives the JSON that comes back.
   * @param {string} doing
   * @param {string} path
   * @param {unknown} body
   */
  post(doing, path, body) {
    return this.exchange(doing, { url: this.address(path), json: body });
  }

  /**
   * Sends a request and gives the JSON of the answer. Throws a `Failure` for any other answer.
   * @param {string} doing
   * @param {import('./http.js').Request} request
   * @returns {unknown}
   */
  exchange(doing, request) {
    const answer = this.call.send(request);
    if (!answer.ok) throw this.failure(answer, doing);
    if (answer.isWebPage) throw this.#stranger(answer, doing);
    return answer.json(`${this.kind.name}'s answer while ${doing}`);
  }

  /**
   * The id of what was made; it has to be there.
   * @param {unknown} value
   */
  idOf(value) {
    const id = json.id(value, 'id');
    if (id !== undefined) return id;
    throw new Failure('internal', `${this.kind.code}.answer-unreadable`,
      `${this.kind.name} answered something unexpected: it names no id`);
  }

  /**
   * A failure from an answer's status, with the PSA's own words in its message.
   * @param {import('./http.js').Response} answer
   * @param {string} doing
   */
  failure(answer, doing) {
    const { status } = answer;
    // A page behind 5xx is a proxy's and says what the status says; any other is not the API's.
    if ((status >= 300 && status < 400) || (status < 500 && status !== 429 && answer.isWebPage)) {
      return this.#stranger(answer, doing);
    }
    const [kind, code] = KINDS[status] ?? (status >= 500 ? ['unavailable', 'server-error'] : ['invalid-input', 'refused']);
    const words = this.#words(answer);
    const message = `${this.kind.name} answered ${status} while ${doing}${words ? `: “${words}”` : ''}`;
    const failure = new Failure(/** @type {import('./types.js').FailureKind} */ (kind), `${this.kind.code}.${code}`, message);
    if (kind === 'rate-limited' || kind === 'unavailable') failure.retryAfter(answer.retryAfterMs(this.call.nowUnix()));
    const help = this.kind.cures?.[failure.kind] ?? this.#usualHelp(failure.kind, status);
    return help === undefined ? failure : failure.help(help);
  }

  /**
   * @param {import('./types.js').FailureKind} kind
   * @param {number} status
   */
  #usualHelp(kind, status) {
    const { name } = this.kind;
    if (status === 413) return `Let the web server before ${name} take larger requests, or attach fewer or smaller screenshots.`;
    switch (kind) {
      case 'timeout': return `${name} took too long; Helpbell looks whether it went through before it tries again.`;
      case 'conflict': return `Somebody changed this in ${name} at the same moment; Helpbell looks at it again.`;
      case 'rate-limited': return `${name} limits how many requests it takes. Helpbell waits and goes on by itself.`;
      case 'unavailable': return `${name} cannot work at the moment; Helpbell goes on by itself once it can.`;
      default: return undefined;
    }
  }

  /**
   * @param {import('./http.js').Response} answer
   * @param {string} doing
   */
  #stranger(answer, doing) {
    const what = answer.pageTitle ? `a web page titled “${answer.pageTitle}”` : 'something else than JSON';
    return new Failure('internal', `${this.kind.code}.stranger`,
      `this is not ${this.kind.name}'s API: it answered ${answer.status} with ${what} while ${doing}`)
      .field(this.setting)
      .help(this.kind.cure);
  }

  /** @param {import('./http.js').Response} answer */
  #words(answer) {
    if (answer.isWebPage) return undefined;
    let words;
    try {
      words = this.kind.words?.(answer.json('it'));
    } catch {
      words = answer.body.length <= MESSAGE_BYTES ? answer.text() : undefined;
    }
    return words ? quote(words) : undefined;
  }
}
