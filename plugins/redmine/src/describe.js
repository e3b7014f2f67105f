// What the connector is and what it wants, in the words of Redmine's screens.

/** Origin and setting: the server, with the path it runs below. */
export const SERVER = 'server';
/** Setting: where issues go unless a default or a rule says otherwise. */
export const PROJECT = 'project';
/** Setting: the private project whose files are the reports. */
export const REPORT_PROJECT = 'report-project';

const MIB = 1024 * 1024;
/** Bytes of one file: Redmine's default for "Maximum attachment size" is 5120 kB. */
const ATTACHMENT_BYTES = 5 * MIB;
/** Bytes of all files of one note; each is uploaded by itself, so that only the host's own bounds matter. */
const NOTE_BYTES = 20 * MIB;
/** Characters of a subject: the width of the column. */
const SUMMARY_CHARS = 255;

/** @type {(method: 'GET' | 'POST' | 'PUT', path: string, purpose: string, refusals?: number[]) => import('../../sdk/js/src/types.js').WantedRequest} */
const request = (method, path, purpose, refusals = []) =>
  ({ origin: SERVER, method, path, effect: method === 'GET' ? 'read' : 'effect', refusals, purpose });

/** @type {import('../../sdk/js/src/types.js').Description} */
export const description = {
  id: 'redmine',
  name: 'Redmine',
  summary: 'Files issues with private notes in Redmine, and keeps their reports in a private project.',
  settings: [
    {
      name: SERVER, label: 'Server', kind: 'url', example: 'https://redmine.example.com',
      help: 'Where you open Redmine, with the path if it runs below one.',
    },
    {
      name: PROJECT, label: 'Project', example: 'Help Desk',
      help: 'Name or identifier of the project that issues go to, as under Projects.',
    },
    {
      name: REPORT_PROJECT, label: 'Project for reports', example: 'Helpbell Reports',
      help: 'Name or identifier of a project that is not public, has the module Files, and has only your technicians and ' +
        'the Helpbell user as members. Files of an issue are seen by everybody who sees the issue, so reports are kept here.',
    },
  ],
  secrets: [{
    name: 'api-key', label: 'API access key', example: '0123456789abcdef0123456789abcdef01234567',
    help: 'Log in to Redmine as the Helpbell user and open My account: API access key, Show, on the right.',
  }],
  origins: [{ name: SERVER, source: { setting: SERVER } }],
  // A template's braces stand for a whole segment: `{issue}` is `17.json` here.
  requests: [
    request('GET', '/users/current.json', 'know as whom the connector works, and what it may do'),
    request('GET', '/users.json', 'find the person by e-mail address (Redmine lets administrators only)'),
    request('GET', '/roles/{role}', 'check that notes can be private'),
    request('GET', '/projects.json', 'know the projects by name'),
    request('GET', '/projects/{project}', "know a project's trackers, categories and custom fields, and whether it is public"),
    request('GET', '/projects/{project}/memberships.json', 'know who can be assigned, and who can read reports'),
    request('GET', '/issue_statuses.json', 'know the statuses by name'),
    request('GET', '/enumerations/issue_priorities.json', 'know the priorities by name'),
    request('GET', '/issues.json', "find a press's issue again"),
    request('GET', '/issues/{issue}', 'show an issue as it stands, read a note back after writing it'),
    request('POST', '/issues.json', 'file the issue'),
    request('PUT', '/issues/{issue}', 'add the private note, close duplicates and tests'),
    // Redmine answers 406 to what is no application/octet-stream.
    request('POST', '/uploads.json', 'upload the report', [406]),
    request('POST', '/projects/{project}/files.json', 'keep the report in the project for reports'),
  ],
  authRequests: [{ ...request('GET', '/users/current.json', 'check the API access key'), effect: 'read' }],
  capabilities: ['private-notes', 'private-attachments', 'contacts', 'close'],
  limits: { summaryChars: SUMMARY_CHARS, attachmentBytes: ATTACHMENT_BYTES, noteBytes: NOTE_BYTES },
  // The filter on descriptions reads the database itself.
  lookup: 'strong',
};
