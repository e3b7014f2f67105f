// Requests to Redmine, and its answers in words.

import { address, Failure, json, quote } from '@helpbell/connector';
import { SERVER } from './describe.js';

/** @typedef {import('../../sdk/js/src/types.js').Call} Call */
/** @typedef {import('../../sdk/js/src/http.js').Response} Response */
/** @typedef {Record<string, string | number | undefined>} Query */

const REST = 'Administration > Settings > API > Enable REST web service';
const ROLE = 'Administration > Roles and permissions';

/**
 * Sends a request and gives the answer's JSON; undefined for an empty one. `doing` reads after "while".
 * @param {Call} call
 * @param {Omit<import('../../sdk/js/src/http.js').Request, 'url'> & { path: string }} request
 * @param {string} doing
 * @returns {unknown}
 */
export function send(call, { path, ...request }, doing) {
  const answer = call.send({ ...request, url: address(call.required(SERVER), path) });
  if (!answer.ok) throw failureOf(call, answer, doing);
  if (answer.body.length === 0) return undefined;
  if (answer.isWebPage) throw notRedmine(answer, doing);
  return answer.json(`Redmine's answer while ${doing}`);
}

/** @type {(call: Call, path: string, doing: string, query?: Query) => unknown} */
export const get = (call, path, doing, query) => send(call, { path, ...(query ? { query } : {}) }, doing);

/**
 * All entries of a list that Redmine gives in pages.
 * @param {Call} call
 * @param {string} path
 * @param {string} name of the list in its envelope
 * @param {string} doing
 */
export function all(call, path, name, doing) {
  /** As many as Redmine gives at once, and so many times that it ends. */
  const [limit, pages] = [100, 20];
  /** @type {unknown[]} */
  const found = [];
  for (let page = 0; page < pages; page += 1) {
    const answer = get(call, path, doing, { limit, offset: page * limit });
    const entries = json.list(answer, name) ?? [];
    found.push(...entries);
    if (entries.length === 0 || found.length >= Number(json.id(answer, 'total_count') ?? 0)) break;
  }
  return found;
}

/**
 * What Redmine says, on one line: `{"errors": [...]}` is all that it documents.
 * @param {Response} answer
 */
export function wordsOf(answer) {
  if (answer.isWebPage) return answer.pageTitle && `a web page titled “${answer.pageTitle}”`;
  try {
    const errors = json.list(json.member(answer.json('it'), 'errors')) ?? [];
    return errors.length > 0 ? quote(errors.map(String).join('; ')) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {Call} call
 * @param {Response} answer
 * @param {string} doing
 */
export function failureOf(call, answer, doing) {
  const { status } = answer;
  const words = wordsOf(answer);
  const message = `Redmine answered ${status} while ${doing}${words ? `. Redmine says: “${words}”` : ''}`;
  const wait = answer.retryAfterMs(call.nowUnix());
  if (status >= 300 && status < 400) return notRedmine(answer, doing);
  switch (status) {
    case 401:
      return new Failure('auth', 'redmine.key', message)
        .help('Log in to Redmine as the Helpbell user, copy My account > API access key > Show, and run: helpbell key. ' +
          'The user must not be locked.');
    case 403:
      return new Failure('forbidden', 'redmine.forbidden', message)
        .help(`Look at the role of the Helpbell user in this project (${ROLE}), and check ${REST}.`);
    case 404:
      return new Failure('not-found', 'redmine.not-found', message)
        .help('It was deleted or moved, its module is switched off, or the Helpbell user is no member of its project.');
    case 409:
      return new Failure('conflict', 'redmine.conflict', message);
    case 413:
      return new Failure('invalid-input', 'redmine.too-large', message)
        .help('Raise Administration > Settings > Files > Maximum attachment size, or what stands before Redmine.');
    case 429:
      return new Failure('rate-limited', 'redmine.rate-limited', message).retryAfter(wait);
    default:
  }
  if (status >= 500) return new Failure('unavailable', 'redmine.server-error', message).retryAfter(wait);
  return new Failure('invalid-input', 'redmine.refused', message)
    .help('Compare the defaults in helpbell.toml with the fields that this tracker requires ' +
      '(Administration > Trackers, Custom fields, Workflow > Fields permissions).');
}

/**
 * @param {Response} answer
 * @param {string} doing
 */
function notRedmine(answer, doing) {
  const what = answer.pageTitle ? `a web page titled “${answer.pageTitle}”` : 'something else than JSON';
  return new Failure('internal', 'redmine.not-redmine',
    `this is not Redmine's API: it answered ${answer.status} with ${what} while ${doing}`)
    .field(SERVER)
    .help('Enter the address under which you open Redmine, with https and the path that comes before /projects.');
}
