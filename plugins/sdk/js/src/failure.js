// Failures, in the order in which a person reads them: what, which, cure.

/** @typedef {import('./types.js').FailureKind} FailureKind */

/** Shorter texts are no secrets: blotting them out would blot out ordinary words. */
const SHORTEST_SECRET = 4;

/**
 * A failure that a person can act upon. Throw it; the kit hands it to the host as the contract's failure.
 *
 *     throw new Failure('forbidden', 'my-desk.no-rights', 'My Desk does not let this account file tickets')
 *       .help('My Desk > Settings > Roles: allow "create tickets".');
 */
export class Failure extends Error {
  /**
   * @param {FailureKind} kind What the host does about it.
   * @param {string} code Stable and specific: `my-desk.no-rights`.
   * @param {string} message What happened, in one sentence, with the PSA's own words quoted where it gave any.
   */
  constructor(kind, code, message) {
    super(message);
    this.name = 'Failure';
    /** @type {FailureKind} */
    this.kind = kind;
    this.code = code;
    /** @type {string | undefined} */
    this.helpText = undefined;
    /** @type {string | undefined} */
    this.fieldName = undefined;
    /** @type {number | undefined} */
    this.retryAfterMs = undefined;
    /** @type {[string, string][]} */
    this.extra = [];
  }

  /**
   * What whoever can cure it does next, in the words of the PSA's screens.
   * @param {string} text
   */
  help(text) {
    this.helpText = text;
    return this;
  }

  /**
   * The draft's field or the setting that is at fault.
   * @param {string} name
   */
  field(name) {
    this.fieldName = name;
    return this;
  }

  /**
   * Milliseconds that the PSA wants to be left alone; undefined where it did not say.
   * @param {number | undefined} milliseconds
   */
  retryAfter(milliseconds) {
    this.retryAfterMs = milliseconds;
    return this;
  }

  /**
   * A fact for the log.
   * @param {string} name
   * @param {string} value
   */
  fact(name, value) {
    this.extra.push([name, value]);
    return this;
  }

  /**
   * Replaces every occurrence of a secret in every text: a server that echoes what it was sent must not carry a
   * secret into a log.
   * @param {string} secret
   */
  without(secret) {
    if ([...secret].length < SHORTEST_SECRET) return this;
    /** @type {(text: string) => string} */
    const blot = (text) => text.split(secret).join('…');
    this.code = blot(this.code);
    this.message = blot(this.message);
    this.helpText = this.helpText === undefined ? undefined : blot(this.helpText);
    this.fieldName = this.fieldName === undefined ? undefined : blot(this.fieldName);
    this.extra = this.extra.map(([name, value]) => [blot(name), blot(value)]);
    return this;
  }

  /** The contract's record. */
  toContract() {
    return {
      kind: this.kind,
      code: this.code,
      message: this.message,
      help: this.helpText,
      field: this.fieldName,
      retryAfterMs: this.retryAfterMs === undefined ? undefined : BigInt(Math.max(0, Math.round(this.retryAfterMs))),
      extra: this.extra,
    };
  }
}

/**
 * Whatever was thrown, as the contract's failure. What is no `Failure` is a mistake of the connector's.
 * @param {unknown} thrown
 */
export function failureOf(thrown) {
  if (thrown instanceof Failure) return thrown.toContract();
  const words = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  const failure = new Failure('internal', 'connector.exception', `the connector failed: ${words}`);
  const place = thrown instanceof Error ? thrown.stack : undefined;
  if (place) failure.fact('stack', place.split('\n').slice(0, 8).join(' | '));
  return failure.toContract();
}
