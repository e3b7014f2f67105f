// Filing the issue, finding it again, showing and closing it.

import { address, Failure, json, marker, stripTags } from '@helpbell/connector';
import { failureOf, get, send, wordsOf } from './api.js';
import { SERVER } from './describe.js';
import { correction, members, refused, resolve } from './fields.js';
import { forget } from './lists.js';
import { verbatim } from './markup.js';
import { ensurePrivate } from './rights.js';

/** @typedef {import('../../sdk/js/src/types.js').Call} Call */
/** @typedef {import('../../sdk/js/src/types.js').Draft} Draft */
/** @typedef {import('../../sdk/js/src/types.js').Correction} Correction */

/** Issues that a search may bring up and that are looked at, newest first; a reference is unique. */
const CANDIDATES = 25;
/** Statuses that prove that nothing was filed, and that leaving something out may cure. */
const CURABLE = [404, 422];

/**
 * Files the issue with one effect. What Redmine refuses proves that there is no issue yet; it is answered once, by
 * leaving out what the refusal is about.
 * @type {(call: Call, draft: Draft) => import('../../sdk/js/src/types.js').Created}
 */
export function create(call, draft) {
  const { project, taken, corrections } = resolve(call, draft.fields);
  const watcher = draft.contact?.id;
  const post = (/** @type {typeof taken} */ fields, /** @type {string | undefined} */ watching) => call.send({
    url: address(call.required(SERVER), '/issues.json'),
    json: {
      issue: {
        project_id: Number(project),
        subject: draft.summary,
        description: verbatim(call.reference === '' ? draft.bodyText : `${draft.bodyText}\n\n${marker.written(call.reference)}`),
        ...members(fields),
        ...(watching === undefined ? {} : { watcher_user_ids: [Number(watching)] }),
      },
    },
  });
  let fields = taken;
  let answer = post(fields, watcher);
  if (CURABLE.includes(answer.status) && (taken.length > 0 || watcher !== undefined)) {
    const words = wordsOf(answer) ?? `it answered ${answer.status}`;
    // A user who is gone is answered with 404; nothing else of a new issue is.
    const left = answer.status === 404 ? [] : refused(taken, words);
    fields = taken.filter((field) => !left.includes(field));
    for (const { field, given } of left) {
      corrections.push(correction(field, given, `Redmine refused it. Redmine says: “${words}”`));
      forget(call, field, project);
    }
    if (answer.status === 404 && watcher !== undefined) {
      corrections.push(correction('contact', draft.contact?.name ?? watcher, 'Redmine does not know this user any more'));
    }
    answer = post(fields, answer.status === 404 ? undefined : watcher);
  }
  if (!answer.ok) throw failureOf(call, answer, 'filing the issue');
  const issue = json.member(answer.json("Redmine's answer to a new issue"), 'issue');
  return { ticket: ticketOf(call, issue), corrections: [...corrections, ...ignored(fields, issue)] };
}

/**
 * Redmine ignores without a word what the role or the workflow does not allow; its answer shows what it took.
 * @param {import('./fields.js').Taken[]} taken
 * @param {unknown} issue
 * @returns {Correction[]}
 */
function ignored(taken, issue) {
  return taken.filter(({ member }) => member.endsWith('_id')).flatMap(({ field, given, member, value }) => {
    const now = json.member(issue, member.slice(0, -'_id'.length));
    if (json.id(now, 'id') === String(value)) return [];
    const reason = 'Redmine did not take it: the role or the workflow of the Helpbell user does not allow it';
    return [correction(field, given, reason, [], json.text(now, 'name'))];
  });
}

/**
 * @param {Call} call
 * @param {unknown} issue
 */
function ticketOf(call, issue) {
  const id = json.id(issue, 'id');
  if (id === undefined) throw new Failure('internal', 'redmine.answer-without-id', 'Redmine took the issue but its answer names no id');
  return { id, number: id, url: address(call.required(SERVER), `/issues/${id}`) };
}

/**
 * Issues that carry exactly this reference. A key that Redmine no longer knows is answered as to anybody, without the
 * issues of private projects: who asks is made sure of first.
 * @type {(call: Call, reference: string) => import('../../sdk/js/src/types.js').Ticket[]}
 */
export function find(call, reference) {
  if (reference === '') return [];
  get(call, '/users/current.json', 'checking the API access key');
  const answer = get(call, '/issues.json', 'looking for the issue', {
    status_id: '*', description: `~${marker.searched(reference)}`, sort: 'id:desc', limit: CANDIDATES,
  });
  const issues = json.list(answer, 'issues');
  if (!issues) throw new Failure('internal', 'redmine.issues-unreadable', "Redmine's answer to a search holds no list of issues");
  return issues
    .filter((issue) => marker.carries(json.text(issue, 'description') ?? '', reference))
    .map((issue) => ticketOf(call, issue));
}

/**
 * The issue with its journals.
 * @param {Call} call
 * @param {string} id
 */
export function issueOf(call, id) {
  if (!/^\d+$/.test(id)) throw new Failure('not-found', 'redmine.not-found', "a Redmine issue's id is a number");
  return json.member(get(call, `/issues/${id}.json`, `reading issue ${id}`, { include: 'journals' }), 'issue');
}

/** @type {(call: Call, id: string) => import('../../sdk/js/src/types.js').TicketState} */
export function state(call, id) {
  const issue = issueOf(call, id);
  const status = json.text(json.member(issue, 'status'), 'name') ?? '';
  const closed = json.flag(json.member(issue, 'status'), 'is_closed');
  const said = (json.list(json.member(issue, 'journals')) ?? [])
    .filter((journal) => json.member(journal, 'private_notes') === false)
    .flatMap((journal) => json.text(journal, 'notes') ?? []);
  const agent = json.text(json.member(issue, 'assigned_to'), 'name');
  const last = said.at(-1);
  const updated = json.text(issue, 'updated_on');
  return {
    ticket: ticketOf(call, issue),
    summary: json.text(issue, 'subject') ?? '',
    status,
    // "Feedback" is what a new Redmine calls waiting for the person.
    phase: closed ? 'closed' : /feedback|wait|pending/i.test(status) ? 'waiting' : 'open',
    ...(agent === undefined ? {} : { agent }),
    ...(last === undefined ? {} : { lastPublicNote: stripTags(last) }),
    ...(updated === undefined ? {} : { updated }),
  };
}

/** @type {(call: Call, id: string, reason: string) => void} */
export function close(call, id, reason) {
  const project = json.id(json.member(issueOf(call, id), 'project'), 'id') ?? '';
  ensurePrivate(call, project);
  const statuses = (json.list(get(call, '/issue_statuses.json', 'listing statuses'), 'issue_statuses') ?? [])
    .filter((status) => json.flag(status, 'is_closed'));
  const closed = statuses.find((status) => json.text(status, 'name') === 'Closed') ?? statuses[0];
  send(call, {
    method: 'PUT', path: `/issues/${id}.json`,
    json: { issue: { notes: verbatim(reason), private_notes: true, status_id: Number(json.id(closed, 'id')) } },
  }, `closing issue ${id}`);
  if (!json.flag(json.member(issueOf(call, id), 'status'), 'is_closed')) {
    throw new Failure('forbidden', 'redmine.not-closed', `Redmine did not close issue ${id} and gave no reason`)
      .help('Administration > Workflow: let the role of the Helpbell user go from new statuses to Closed.');
  }
}
