// What defaults and rules set, as Redmine wants it. Values are names as Redmine shows them, or ids.

import { normalised } from '@helpbell/connector';
import { PROJECT } from './describe.js';
import { FIELDS, findProject, lookUp, projectOf } from './lists.js';

/** @typedef {import('../../sdk/js/src/types.js').Call} Call */
/** @typedef {import('../../sdk/js/src/types.js').Correction} Correction */
/** @typedef {{ field: string, given: string, shown: string, member: string, value: string | number | { id: number, value: string } }} Taken */

/** @type {import('../../sdk/js/src/types.js').Variable[]} */
export const variables = [
  ['project', 'The project that the issue is filed in, by its name or identifier.'],
  ['tracker', 'The tracker (Bug, Support, etc.), as the project has it.'],
  ['status', 'The status (New, In Progress, etc.).'],
  ['priority', 'The priority (Low, Normal, etc.).'],
  ['category', 'The issue category of the project.'],
  ['assignee', 'The member or group that the issue is assigned to.'],
  ['customfields', 'Custom fields, one name : value a line.'],
].map(([name = '', meaning = '']) => ({ name, access: 'read-write', kind: 'text', meaning, live: true }));

/**
 * Resolves fields. A value that Redmine does not have falls back to Redmine's own default and is a correction.
 * @param {Call} call
 * @param {import('../../sdk/js/src/types.js').Pairs} fields
 * @returns {{ project: string, taken: Taken[], corrections: Correction[] }}
 */
export function resolve(call, fields) {
  /** @type {Correction[]} */
  const corrections = [];
  /** @type {Taken[]} */
  const taken = [];
  const given = new Map(fields.map(([name, value]) => [name, value.trim()]));
  const wanted = given.get('project');
  const home = projectOf(call, PROJECT);
  let project = home;
  if (wanted) {
    const { list, entry } = findProject(call, wanted);
    if (entry) project = entry;
    else corrections.push(correction('project', wanted, 'Redmine shows the Helpbell user no such project', list.nearest(wanted), home.label));
  }
  for (const [field, value] of given) {
    const known = FIELDS[field];
    if (!known || value === '') continue;
    if (field === 'customfields') {
      for (const line of value.split('\n').filter((text) => text.trim() !== '')) custom(call, project.id, line, taken, corrections);
      continue;
    }
    const { list, entry } = lookUp(call, field, project.id, value);
    if (entry) taken.push({ field, given: value, shown: known.shown, member: known.member, value: Number(entry.id) });
    else corrections.push(correction(field, value, `there is no such ${field} in ${project.label}`, list.nearest(value)));
  }
  return { project: project.id, taken, corrections };
}

/** @type {(field: string, given: string, reason: string, nearest?: string[], used?: string) => Correction} */
export const correction = (field, given, reason, near = [], used) =>
  ({ field, given, reason, nearest: near, ...(used === undefined ? {} : { used }) });

/** @type {(call: Call, project: string, line: string, taken: Taken[], corrections: Correction[]) => void} */
function custom(call, project, line, taken, corrections) {
  // A colon may be part of the value; of the name it is not.
  const [, name = '', value = ''] = /^([^:]*):(.*)$/s.exec(line) ?? [];
  if (name.trim() === '') {
    corrections.push(correction('customfields', line.trim(), 'it is not written as name : value'));
    return;
  }
  const { list, entry } = lookUp(call, 'customfields', project, name.trim());
  if (!entry) {
    const reason = `the project has no custom field ${name.trim()}`;
    corrections.push(correction('customfields', line.trim(), reason, list.nearest(name.trim())));
    return;
  }
  taken.push({
    field: 'customfields', given: line.trim(), shown: entry.label, member: 'custom_fields',
    value: { id: Number(entry.id), value: value.trim() },
  });
}

/**
 * The members of Redmine's issue for these fields.
 * @param {Taken[]} taken
 */
export function members(taken) {
  const customFields = taken.filter(({ member }) => member === 'custom_fields').map(({ value }) => value);
  const rest = taken.filter(({ member }) => member !== 'custom_fields').map(({ member, value }) => [member, value]);
  return { ...Object.fromEntries(rest), ...(customFields.length > 0 ? { custom_fields: customFields } : {}) };
}

/**
 * Which of the fields a refusal is about: those it names, or all of them where it names none that we know (it speaks
 * the language of the Helpbell user).
 * @param {Taken[]} taken
 * @param {string} words
 */
export function refused(taken, words) {
  const said = normalised(words);
  const named = taken.filter(({ shown }) => said.includes(normalised(shown)));
  return named.length > 0 ? named : taken;
}
