// One call of a connector's function: what it was told and what it may use.

import { Failure } from './failure.js';
import { prepare, Response } from './http.js';
import * as json from './json.js';

/** @typedef {import('./types.js').Host} Host */
/** @typedef {import('./types.js').Context} Context */

/**
 * The first value of this name among pairs, which is how the contract carries what may grow.
 * @param {import('./types.js').Pairs | undefined} pairs
 * @param {string} name
 */
export function valueOf(pairs, name) {
  return pairs?.find(([key]) => key === name)?.[1];
}

/** What a function of a connector is given besides its own arguments. */
export class Call {
  #context;
  #host;

  /**
   * Connectors never make one; the kit and tests do.
   * @param {Context} context
   * @param {Host} host
   */
  constructor(context, host) {
    this.#context = context;
    this.#host = host;
  }

  /**
   * A setting, trimmed; blank counts as absent. Defaults have been filled in by the host.
   * @param {string} name
   */
  setting(name) {
    const value = valueOf(this.#context.settings, name)?.trim();
    return value === '' ? undefined : value;
  }

  /** All settings as pairs, for those whose names are not known beforehand. */
  get settings() {
    return this.#context.settings;
  }

  /**
   * A setting the connector cannot work without.
   * @param {string} name
   * @returns {string}
   */
  required(name) {
    const value = this.setting(name);
    if (value !== undefined) return value;
    throw new Failure('invalid-input', 'settings.missing', `the setting ${name} is empty`)
      .field(name)
      .help(`Fill in ${name} in the connector's settings.`);
  }

  /** The press this call belongs to; empty outside a press. */
  get reference() {
    return this.#context.reference;
  }

  /** The base address that `authenticate` discovered. */
  get endpoint() {
    return this.#context.endpoint;
  }

  /** The person's language, BCP 47. */
  get locale() {
    return this.#context.locale;
  }

  /**
   * Sends one request and reads the whole answer, whatever its status. Throws a `Failure` where there is no answer
   * (`unavailable`, `timeout`), or where the host refuses to send (`forbidden`).
   * @param {import('./http.js').Request} request
   */
  send(request) {
    return new Response(this.#host.send(prepare(request, () => this.#host.random())));
  }

  /**
   * JSON that an earlier call kept; undefined if there is none.
   * @param {string} key
   * @returns {unknown}
   */
  cachedJson(key) {
    const bytes = this.#host.cacheGet(key);
    if (bytes === undefined || bytes.length === 0) return undefined;
    try {
      return json.parse(bytes, 'the cache');
    } catch {
      return undefined;
    }
  }

  /**
   * Keeps JSON for so many seconds.
   * @param {string} key
   * @param {unknown} value
   * @param {number} ttlS
   */
  cacheJson(key, value, ttlS) {
    this.#host.cachePut(key, new TextEncoder().encode(JSON.stringify(value)), ttlS);
  }

  /**
   * Drops what was kept.
   * @param {string} key
   */
  forget(key) {
    this.#host.cachePut(key, new Uint8Array(), 0);
  }

  /**
   * A line of the log: `debug` for the connector's author, `info` for the operator who looks, `warn` for the operator
   * who should look. Personal data does not belong here.
   * @param {import('./types.js').LogLevel} level
   * @param {string} message
   */
  log(level, message) {
    this.#host.log(level, message);
  }

  /**
   * Waits, for something that a PSA shows late.
   * @param {number} milliseconds
   */
  pause(milliseconds) {
    this.#host.pause(milliseconds);
  }

  /** Seconds since 1970, UTC. */
  nowUnix() {
    return this.#host.nowUnix();
  }
}

/** The operator's secrets by name. Prints nothing of them. */
export class Secrets {
  #secrets;

  /** @param {import('./types.js').Pairs} secrets */
  constructor(secrets) {
    this.#secrets = secrets;
  }

  /**
   * A secret as pasted, without white space around it.
   * @param {string} name
   * @returns {string}
   */
  required(name) {
    const value = valueOf(this.#secrets, name)?.trim();
    if (value) return value;
    throw new Failure('auth', 'secrets.missing', `the secret ${name} is empty`).field(name);
  }
}
