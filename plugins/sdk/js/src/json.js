// Lenient reading of JSON: PSAs send ids as numbers or strings, null for "absent", and hundreds of members nobody
// asked for.

import { Failure } from './failure.js';

/**
 * Parses an answer. `whose` names it for the operator: `My Desk's answer to GET /tickets`.
 * @param {Uint8Array | string} bytes
 * @param {string} whose
 * @returns {unknown}
 */
export function parse(bytes, whose) {
  const text = typeof bytes === 'string' ? bytes : new TextDecoder().decode(bytes);
  try {
    // Some servers put a byte order mark before JSON; RFC 8259 lets a reader ignore it.
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    throw new Failure('internal', 'json.unreadable', `${whose} is not readable JSON: ${String(error)}`);
  }
}

/**
 * A member that is neither absent nor null.
 * @param {unknown} value
 * @param {string} name
 * @returns {unknown}
 */
export function member(value, name) {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return /** @type {Record<string, unknown>} */ (value)[name] ?? undefined;
}

/**
 * A member as text. Numbers and booleans count; blank text counts as absent.
 * @param {unknown} value
 * @param {string} name
 * @returns {string | undefined}
 */
export function text(value, name) {
  const found = member(value, name);
  if (typeof found === 'number' || typeof found === 'boolean') return String(found);
  return typeof found === 'string' && found.trim() !== '' ? found.trim() : undefined;
}

/**
 * A member as an id: `12` and `"12"` are both `12`; other text stays as it is.
 * @param {unknown} value
 * @param {string} name
 * @returns {string | undefined}
 */
export function id(value, name) {
  const found = member(value, name);
  if (typeof found === 'number') return Number.isSafeInteger(found) ? String(found) : undefined;
  return typeof found === 'string' && found.trim() !== '' ? found.trim() : undefined;
}

/**
 * An id as JSON: a number where it is one, which strictly typed servers insist on.
 * @param {string} text
 * @returns {string | number}
 */
export function idValue(text) {
  return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
}

/**
 * A member as a truth: `true`, `1` and `"true"` are true, absent is not.
 * @param {unknown} value
 * @param {string} name
 */
export function flag(value, name) {
  const found = member(value, name);
  return found === true || found === 1 || (typeof found === 'string' && /^(true|1)$/i.test(found));
}

/**
 * The objects of a list that is either a bare array or stands under one of `names` in an envelope.
 * @param {unknown} value
 * @param {...string} names
 * @returns {unknown[] | undefined}
 */
export function list(value, ...names) {
  if (Array.isArray(value)) return value;
  for (const name of names) {
    const found = member(value, name);
    if (Array.isArray(found)) return found;
  }
  return undefined;
}
