// Private notes, and the reports they lead to.
//
// In Redmine files belong to the issue, not to the note that brought them: whoever sees the issue downloads them, private
// note or not. Reports are therefore files of a private project, and the note holds their addresses.

import { address, Failure, json, marker } from '@helpbell/connector';
import { send } from './api.js';
import { SERVER } from './describe.js';
import { references, verbatim } from './markup.js';
import { ensurePrivate, reportProject } from './rights.js';
import { issueOf } from './tickets.js';

/** @typedef {import('../../sdk/js/src/types.js').Call} Call */
/** @typedef {import('../../sdk/js/src/types.js').Attachment} Attachment */
/** @typedef {import('../../sdk/js/src/types.js').AddedNote} AddedNote */
/** @typedef {{ attachment: Attachment, id: string, line: string }} Kept */

/** @type {(call: Call, ticket: import('../../sdk/js/src/types.js').Ticket, note: import('../../sdk/js/src/types.js').Note) => AddedNote} */
export function add(call, ticket, note) {
  if (note.private) prepare(call, ticket.id);
  const files = note.attachments.map((attachment) => keep(call, ticket.id, attachment));
  return write(call, ticket.id, note.text, files, note.private, note.reference);
}

/** @type {(call: Call, ticket: import('../../sdk/js/src/types.js').Ticket, note: string | undefined, attachment: Attachment) => string} */
export function attach(call, ticket, note, attachment) {
  const file = keep(call, ticket.id, attachment);
  // Without a note there is nothing that leads to it, and where notes are refused there can be none.
  if (note !== undefined) {
    prepare(call, ticket.id);
    // It names the note it belongs to, by which that note finds its file again.
    write(call, ticket.id, 'One more file of the report.', [file], true, attachment.reference, [note]);
  }
  return file.id;
}

/** @type {(call: Call, ticket: import('../../sdk/js/src/types.js').Ticket, reference: string) => AddedNote[]} */
export function find(call, ticket, reference) {
  const all = journals(issueOf(call, ticket.id));
  const carrying = (/** @type {string} */ mark) => all.filter((journal) => marker.carries(json.text(journal, 'notes') ?? '', mark));
  return carrying(reference).map((journal) => {
    const note = added(ticket.id, journal, reference);
    const later = carrying(note.id).flatMap((other) => references(json.text(other, 'notes') ?? ''));
    const files = new Set([...note.attachments, ...later.filter((found) => found !== note.id)]);
    return { ...note, attachments: [...files] };
  });
}

/**
 * @param {Call} call
 * @param {string} issue
 */
function prepare(call, issue) {
  ensurePrivate(call, json.id(json.member(issueOf(call, issue), 'project'), 'id') ?? '');
}

/**
 * Uploads a file and keeps it in the project for reports.
 * @type {(call: Call, issue: string, attachment: Attachment) => Kept}
 */
function keep(call, issue, attachment) {
  const project = reportProject(call);
  const upload = json.member(send(call, {
    method: 'POST', path: '/uploads.json', query: { filename: attachment.name },
    headers: { 'content-type': 'application/octet-stream' }, body: { blob: attachment.blob },
  }, `uploading ${attachment.name}`), 'upload');
  const [id, token] = [json.id(upload, 'id'), json.text(upload, 'token')];
  if (!id || !token) throw new Failure('internal', 'redmine.upload-unreadable', 'Redmine took the file but its answer names no token');
  send(call, {
    method: 'POST', path: `/projects/${project.id}/files.json`,
    json: {
      file: {
        token, filename: attachment.name, content_type: attachment.contentType,
        description: `#${issue} ${marker.written(attachment.reference)}`,
      },
    },
  }, `keeping ${attachment.name} in the project for reports`);
  // The name stands outside the block in which nothing is markup, so that the address behind it is a link.
  const name = attachment.name.replace(/[^A-Za-z0-9.]+/g, '-');
  return { attachment, id, line: `${name}: ${address(call.required(SERVER), `/attachments/${id}`)}` };
}

/** @type {(call: Call, issue: string, text: string, files: Kept[], isPrivate: boolean, reference: string, also?: string[]) => AddedNote} */
function write(call, issue, text, files, isPrivate, reference, also = []) {
  const markers = [...files.map(({ attachment }) => attachment.reference), reference, ...also].map(marker.written);
  const notes = [verbatim(text), ...files.map(({ line }) => line), verbatim(markers.join('\n'))].join('\n\n');
  send(call, {
    method: 'PUT', path: `/issues/${issue}.json`, json: { issue: { notes, private_notes: isPrivate } },
  }, `adding a note to issue ${issue}`);
  // Redmine answers nothing, not even the note's id.
  const found = journals(issueOf(call, issue)).find((one) => marker.carries(json.text(one, 'notes') ?? '', reference));
  if (!found) {
    throw new Failure('forbidden', 'redmine.note-missing', `Redmine accepted the note on issue ${issue} but does not show it`)
      .help('Administration > Roles and permissions: allow Add notes and View private notes in the role of the Helpbell user.');
  }
  if (isPrivate && json.member(found, 'private_notes') !== true) {
    throw new Failure('forbidden', 'redmine.note-visible',
      `the note on issue ${issue} was asked to be private, but Redmine shows it to everybody`)
      .help('Make the note private in Redmine, then allow Set notes as private in the role of the Helpbell user.');
  }
  return added(issue, found, reference);
}

/** @type {(issue: string, journal: unknown, reference: string) => AddedNote} */
function added(issue, journal, reference) {
  return {
    id: `${issue}/${json.id(journal, 'id')}`,
    attachments: references(json.text(journal, 'notes') ?? '').filter((found) => found !== reference),
    confirmed: json.member(journal, 'private_notes') === true,
  };
}

/** @param {unknown} issue */
function journals(issue) {
  return json.list(json.member(issue, 'journals')) ?? [];
}
