// Names that Redmine keeps: projects, and what belongs to each of them.

import { Cached, Failure, json } from '@helpbell/connector';
import { all, get } from './api.js';
import { PROJECT } from './describe.js';

/** @typedef {import('../../sdk/js/src/types.js').Call} Call */
/** @typedef {import('../../sdk/js/src/pick-list.js').Entry} Entry */

/** Seconds for which names are kept; a name that is missing is looked for afresh. */
const NAMES_TTL_S = 24 * 60 * 60;

/** @type {(entries: unknown[]) => Entry[]} */
const entries = (found) => found.flatMap((one) => {
  const [id, label] = [json.id(one, 'id'), json.text(one, 'name')];
  return id && label ? [{ id, label, also: json.text(one, 'identifier') ?? '' }] : [];
});

const projects = (/** @type {Call} */ call) => entries(all(call, '/projects.json', 'projects', 'listing projects'));

/** @type {(project: string, name: string) => (call: Call) => Entry[]} */
const ofProject = (project, name) => (call) => {
  const answer = get(call, `/projects/${project}.json`, 'reading the project', { include: name });
  return entries(json.list(json.member(answer, 'project'), name) ?? []);
};

/** People and groups, each once, however many roles they have. */
const members = (/** @type {string} */ project) => (/** @type {Call} */ call) =>
  entries(all(call, `/projects/${project}/memberships.json`, 'memberships', 'listing members')
    .map((one) => json.member(one, 'user') ?? json.member(one, 'group')));

/**
 * Every field with live values, by the name that defaults and rules use: its member in Redmine's issue, its name on
 * Redmine's screen, and where its values come from.
 * @type {Record<string, { member: string, shown: string, of: (project: string) => (call: Call) => Entry[], perProject: boolean }>}
 */
export const FIELDS = {
  tracker: { member: 'tracker_id', shown: 'Tracker', of: (project) => ofProject(project, 'trackers'), perProject: true },
  status: {
    member: 'status_id', shown: 'Status', perProject: false,
    of: () => (call) => entries(json.list(get(call, '/issue_statuses.json', 'listing statuses'), 'issue_statuses') ?? []),
  },
  priority: {
    member: 'priority_id', shown: 'Priority', perProject: false,
    of: () => (call) => entries((json.list(get(call, '/enumerations/issue_priorities.json', 'listing priorities'),
      'issue_priorities') ?? []).filter((one) => json.member(one, 'active') !== false)),
  },
  category: { member: 'category_id', shown: 'Category', of: (project) => ofProject(project, 'issue_categories'), perProject: true },
  assignee: { member: 'assigned_to_id', shown: 'Assignee', of: members, perProject: true },
  customfields: { member: 'custom_fields', shown: 'Custom fields', of: (project) => ofProject(project, 'issue_custom_fields'), perProject: true },
};

/**
 * Looks a value of a field up, by name or id.
 * @param {Call} call
 * @param {string} field
 * @param {string} project id
 * @param {string} given
 */
export function lookUp(call, field, project, given) {
  const { of, cached } = listOf(field, project);
  return cached.lookUp(call, given, () => of(call));
}

/**
 * The project of this name, identifier or id, and the list in which it was looked for.
 * @param {Call} call
 * @param {string} given
 */
export function findProject(call, given) {
  return new Cached('projects', NAMES_TTL_S).lookUp(call, given, () => projects(call));
}

/**
 * The project that a setting names.
 * @param {Call} call
 * @param {string} setting
 */
export function projectOf(call, setting) {
  const given = call.required(setting);
  const { list, entry } = findProject(call, given);
  if (entry) return entry;
  const nearest = list.nearest(given);
  throw new Failure('invalid-input', 'redmine.no-such-project', `Redmine shows the Helpbell user no project “${given}”`)
    .field(setting)
    .help(`${nearest.length > 0 ? `Did you mean ${nearest.join(' or ')}? ` : ''}Enter the name or the identifier of a ` +
      'project, and make the Helpbell user a member under its Settings > Members.');
}

/**
 * The live values of a field.
 * @param {Call} call
 * @param {string} field
 * @param {import('../../sdk/js/src/types.js').Pairs} parents
 */
export function choices(call, field, parents) {
  if (field === 'project') return new Cached('projects', NAMES_TTL_S).get(call, () => projects(call)).list.choices();
  if (!FIELDS[field]) throw new Failure('unsupported', 'redmine.no-such-field', `Redmine has no list of values for ${field}`);
  const named = parents.find(([name]) => name === 'project')?.[1];
  const project = (named && findProject(call, named).entry) || projectOf(call, PROJECT);
  const { of, cached, perProject } = listOf(field, project.id);
  const { list } = cached.get(call, () => of(call));
  return list.choices(perProject ? ['project', project.label] : undefined);
}

/**
 * @param {Call} call
 * @param {string} field
 * @param {string} project
 */
export function forget(call, field, project) {
  listOf(field, project).cached.forget(call);
}

/**
 * @param {string} field
 * @param {string} project
 */
function listOf(field, project) {
  const known = FIELDS[field];
  if (!known) throw new Failure('internal', 'redmine.no-such-field', `there is no field ${field}`);
  const key = known.perProject ? `project/${project}/${field}` : field;
  return { of: known.of(project), cached: new Cached(key, NAMES_TTL_S), perProject: known.perProject };
}
