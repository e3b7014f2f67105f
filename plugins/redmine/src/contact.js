// Who asks: the Redmine user with this very e-mail address. Redmine lets administrators alone search users; without
// that right there is no contact, which a ticket can do without.

import { hash, json } from '@helpbell/connector';
import { get } from './api.js';

/** @typedef {import('../../sdk/js/src/types.js').Call} Call */

/** Seconds for which a user is remembered, and for which it is believed that there is none. */
const [KNOWN_TTL_S, UNKNOWN_TTL_S] = [24 * 60 * 60, 5 * 60];

/** @type {(call: Call, person: import('../../sdk/js/src/types.js').Person) => import('../../sdk/js/src/types.js').FoundContact | undefined} */
export function find(call, person) {
  const email = person.email.trim().toLowerCase();
  if (!email.includes('@')) return undefined;
  // The key is a hash; the address kept with it proves that this is the same person.
  const key = `contact/${hash(email)}`;
  const kept = call.cachedJson(key);
  const user = json.text(kept, 'for') === email ? json.member(kept, 'user') : search(call, email, key);
  const id = json.id(user, 'id');
  if (id === undefined) return undefined;
  return { contact: { id, name: json.text(user, 'name') ?? email, email }, matchedBy: 'email' };
}

/** @type {(call: Call, email: string, key: string) => unknown} */
function search(call, email, key) {
  let answer;
  try {
    answer = get(call, '/users.json', 'looking for the person', { name: email, limit: 100 });
  } catch (failure) {
    if (!(failure instanceof Error && 'kind' in failure && failure.kind === 'forbidden')) throw failure;
    call.log('info', 'the Helpbell user is no administrator, and Redmine lets nobody else search people: no contact');
  }
  const found = (json.list(answer, 'users') ?? []).find((user) => json.text(user, 'mail')?.toLowerCase() === email);
  const name = [json.text(found, 'firstname'), json.text(found, 'lastname')].filter(Boolean).join(' ');
  const user = found === undefined ? undefined : { id: json.id(found, 'id'), name };
  call.cacheJson(key, { for: email, user }, user ? KNOWN_TTL_S : UNKNOWN_TTL_S);
  return user;
}
