// Examines what the guide asks for, one check each, with the clicks that cure it.

import { Failure, json } from '@helpbell/connector';
import { all, get } from './api.js';
import { PROJECT, REPORT_PROJECT } from './describe.js';
import { resolve } from './fields.js';
import { projectOf } from './lists.js';
import { missing, NEEDED, NEEDED_FOR_REPORTS, reportProject } from './rights.js';

/** @typedef {import('../../sdk/js/src/types.js').Call} Call */
/** @typedef {import('../../sdk/js/src/types.js').Finding} Finding */

/** Before the name of a default among the settings. */
const DEFAULT = 'default:';

/** @type {(severity: Finding['severity'], guide: string, summary: string, why?: string, ...cure: string[]) => Finding} */
const finding = (severity, guide, summary, why = '', ...cure) => ({ severity, summary, why, cure, guide: `docs/redmine.md#${guide}` });

/** @type {Record<string, [title: string, run: (call: Call) => Finding[]]>} */
const CHECKS = {
  user: ['Does Redmine know the API access key?', (call) => {
    const user = json.member(get(call, '/users/current.json', 'asking who the key belongs to'), 'user');
    const login = json.text(user, 'login') ?? '?';
    return [json.flag(user, 'admin')
      ? finding('note', 'user', `the key belongs to ${login}, an administrator`,
        'An administrator can read and change everything. People are recognised by their address; nothing else needs it.')
      : finding('ok', 'user', `the key belongs to ${login}`)];
  }],
  project: ['Can issues be filed in the project?', (call) => {
    const project = projectOf(call, PROJECT);
    return rights(call, project, NEEDED, 'Without them a press has no issue, or no private note.');
  }],
  reports: ['Is the project for reports private?', (call) => {
    const project = reportProject(call);
    const members = all(call, `/projects/${project.id}/memberships.json`, 'memberships', 'listing members')
      .flatMap((one) => json.text(json.member(one, 'user') ?? json.member(one, 'group'), 'name') ?? []);
    return [
      ...rights(call, project, NEEDED_FOR_REPORTS, 'Without them a press has no report.'),
      finding('note', 'reports', `members of ${project.label}, who can read every report: ${members.join(', ')}`,
        'A report shows screens and what runs on a computer.'),
    ];
  }],
  contacts: ['Are people recognised?', (call) => {
    const user = json.member(get(call, '/users/current.json', 'asking for rights'), 'user');
    return [json.flag(user, 'admin')
      ? finding('ok', 'contacts', 'people are recognised by their e-mail address and watch their issues')
      : finding('note', 'contacts', 'people are not recognised: Redmine lets administrators alone search users',
        'An issue names who asked in its description, and nobody watches it.')];
  }],
  defaults: ['Do the defaults exist in Redmine?', (call) => {
    const given = call.settings.filter(([name]) => name.startsWith(DEFAULT))
      .map(([name, value]) => /** @type {[string, string]} */ ([name.slice(DEFAULT.length), value]));
    const wrong = resolve(call, given).corrections.map((one) => ({
      ...finding('warning', 'defaults', `${one.field} = ${JSON.stringify(one.given)}: ${one.reason}`,
        'Every issue is filed without it, and its private note says so.',
        'Correct it under [defaults] in helpbell.toml, or leave it out.'),
      ...(one.nearest[0] === undefined ? {} : { suggestion: /** @type {[string, string]} */ ([one.field, one.nearest[0]]) }),
    }));
    return wrong.length > 0 ? wrong : [finding('ok', 'defaults', given.length > 0 ? 'all defaults exist' : 'there are no defaults')];
  }],
};

/** @type {(call: Call, project: { id: string, label: string }, needed: readonly (readonly [string, string])[], why: string) => Finding[]} */
function rights(call, project, needed, why) {
  const lacking = missing(call, project.id, needed);
  if (lacking.length === 0) return [finding('ok', 'permissions', `the Helpbell user may do in ${project.label} what it has to`)];
  return [finding('problem', 'permissions', `the Helpbell user lacks in ${project.label}: ${lacking.join(', ')}`, why,
    `In Redmine, open ${project.label} > Settings > Members and look which role the Helpbell user has.`,
    `Administration > Roles and permissions: open this role and check ${lacking.join(', ')}.`, 'Click Save.')];
}

export const checks = () => Object.entries(CHECKS).map(([id, [title]]) => ({ id, title }));

/** @type {(call: Call, check: string) => Finding[]} */
export function examine(call, check) {
  const found = CHECKS[check];
  if (!found) throw new Failure('unsupported', 'redmine.no-such-check', `there is no check ${check}`);
  try {
    return found[1](call);
  } catch (failure) {
    // What a press would be told is a finding; what keeps the check from looking is the host's to tell.
    if (!(failure instanceof Failure) || !['invalid-input', 'forbidden'].includes(failure.kind)) throw failure;
    return [finding('problem', check, failure.message, 'A press would fail, or lose its report.', ...(failure.helpText ? [failure.helpText] : []))];
  }
}
