// What the Helpbell user may do. Redmine ignores `private_notes` without a word where the role does not allow it, and
// shows the note to everybody: that is asked before, and not noticed after.

import { Failure, json } from '@helpbell/connector';
import { get } from './api.js';
import { REPORT_PROJECT } from './describe.js';
import { projectOf } from './lists.js';

/** @typedef {import('../../sdk/js/src/types.js').Call} Call */

/** Seconds for which rights are believed; what is written is read back in any case. */
const RIGHTS_TTL_S = 5 * 60;

/** A permission as the API names it, and in the words of Redmine's screen. */
export const NEEDED = /** @type {const} */ ([
  ['view_issues', 'View Issues'], ['add_issues', 'Add issues'], ['edit_issues', 'Edit issues'], ['add_issue_notes', 'Add notes'],
  ['view_private_notes', 'View private notes'], ['set_notes_private', 'Set notes as private'],
]);
/** The same in the project for reports. */
export const NEEDED_FOR_REPORTS = /** @type {const} */ ([['view_files', 'View files'], ['manage_files', 'Manage files']]);

/**
 * The permissions in a project; undefined for an administrator, who has all.
 * @param {Call} call
 * @param {string} project
 * @returns {string[] | undefined}
 */
export function permissions(call, project) {
  const user = json.member(get(call, '/users/current.json', 'asking for rights', { include: 'memberships' }), 'user');
  if (json.flag(user, 'admin')) return undefined;
  const roles = (json.list(json.member(user, 'memberships')) ?? [])
    .filter((membership) => json.id(json.member(membership, 'project'), 'id') === project)
    .flatMap((membership) => json.list(json.member(membership, 'roles')) ?? []);
  const ids = new Set(roles.map((role) => json.id(role, 'id')));
  return [...ids].flatMap((id) => {
    const role = json.member(get(call, `/roles/${id}.json`, 'asking for rights'), 'role');
    return (json.list(json.member(role, 'permissions')) ?? []).map(String);
  });
}

/**
 * Which of the needed permissions are missing in a project, in the words of Redmine's screen.
 * @param {Call} call
 * @param {string} project
 * @param {readonly (readonly [string, string])[]} needed
 */
export function missing(call, project, needed) {
  const has = permissions(call, project);
  return has ? needed.filter(([name]) => !has.includes(name)).map(([, shown]) => shown) : [];
}

/**
 * Throws unless notes in this project can be private, and be read back.
 * @param {Call} call
 * @param {string} project
 */
export function ensurePrivate(call, project) {
  const key = `rights/${project}`;
  if (call.cachedJson(key) === true) return;
  const lacking = missing(call, project, NEEDED.slice(2));
  if (lacking.length > 0) {
    throw new Failure('forbidden', 'redmine.notes-not-private',
      `the Helpbell user lacks ${lacking.join(', ')}; Redmine would show the private note to everybody, so it was not written`)
      .help(`Administration > Roles and permissions: allow ${lacking.join(', ')} in the role of the Helpbell user.`);
  }
  call.cacheJson(key, true, RIGHTS_TTL_S);
}

/**
 * The project for reports. Throws if it is public.
 * @param {Call} call
 */
export function reportProject(call) {
  const project = projectOf(call, REPORT_PROJECT);
  const key = `reports/${project.id}`;
  if (call.cachedJson(key) === true) return project;
  const found = json.member(get(call, `/projects/${project.id}.json`, 'reading the project for reports'), 'project');
  if (json.member(found, 'is_public') !== false) {
    throw new Failure('forbidden', 'redmine.reports-public',
      `the project for reports, ${project.label}, is public; everybody could read the report, so it was not uploaded`)
      .field(REPORT_PROJECT)
      .help(`In Redmine, open ${project.label} > Settings and uncheck Public.`);
  }
  call.cacheJson(key, true, RIGHTS_TTL_S);
  return project;
}
