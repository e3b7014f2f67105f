// Whether a webhook's delivery proves that it knows the secret, by the means that need no key.

import { base64 } from './http.js';
import { valueOf } from './call.js';

/** @typedef {import('./types.js').Delivery} Delivery */

/**
 * The first header of this name (given in lower case).
 * @param {Delivery} delivery
 * @param {string} name
 */
export function header(delivery, name) {
  return valueOf(delivery.headers, name);
}

/**
 * What a delivery's `Authorization` header says about a secret: `absent` where there is none, `yes` where it carries
 * the secret, as Basic (RFC 7617, where the secret is `user:password`) or as Bearer (RFC 6750), `no` where it carries
 * something else. Takes a time that depends on lengths only.
 * @param {Delivery} delivery
 * @param {string} secret
 * @returns {'absent' | 'yes' | 'no'}
 */
export function authorized(delivery, secret) {
  const given = header(delivery, 'authorization');
  if (given === undefined) return 'absent';
  const [, scheme = '', credential = ''] = /^\s*(\S*)\s*(.*?)\s*$/.exec(given) ?? [];
  const bytes = (/** @type {string} */ text) => new TextEncoder().encode(text);
  const wanted = scheme.toLowerCase() === 'basic' ? base64(bytes(secret)) : bytes(secret);
  const known = scheme.toLowerCase() === 'basic' || scheme.toLowerCase() === 'bearer';
  return same(bytes(credential), wanted) && known && secret !== '' ? 'yes' : 'no';
}

/**
 * Whether two secrets are the same. Looks at every byte whatever the first ones are, so that the time tells nothing but
 * the lengths.
 * @param {Uint8Array} a
 * @param {Uint8Array} b
 */
export function same(a, b) {
  let differences = a.length ^ b.length;
  for (let index = 0; index < Math.min(a.length, b.length); index += 1) {
    differences |= (a[index] ?? 0) ^ (b[index] ?? 0);
  }
  return differences === 0;
}
