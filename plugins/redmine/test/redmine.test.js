// The connector's functions over recorded answers of Redmine 5.0.4; the whole way against the real server is told in
// tests/connectors.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from '@helpbell/connector';
import { draft, exportsOf, ScriptedHost, undeclared } from '@helpbell/connector/testing';
import connector from '../src/redmine.js';
import { verbatim } from '../src/markup.js';

const REFERENCE = '0193a1f2-7c11-7d5e-9a55-0123456789ab';
const SETTINGS = { server: 'https://desk.example/redmine', project: 'Help Desk', 'report-project': 'helpbell-reports' };
const BASE = '/redmine';
const TICKET = { id: '17', number: '17' };

/** A Redmine that knows its lists, its rights and issue 17. */
function redmine() {
  const host = new ScriptedHost();
  host.reference = REFERENCE;
  const get = (path, body) => host.answer('GET', `${BASE}${path}`, 200, body);
  get('/projects.json', {
    projects: [{ id: 1, name: 'Help Desk', identifier: 'help-desk' }, { id: 3, name: 'Reports', identifier: 'helpbell-reports' }],
    total_count: 2,
  });
  get('/projects/1.json', {
    project: {
      id: 1, trackers: [{ id: 3, name: 'Support' }], issue_categories: [{ id: 1, name: 'Printing' }],
      issue_custom_fields: [{ id: 2, name: 'Floor' }],
    },
  });
  get('/projects/3.json', { project: { id: 3, is_public: false } });
  get('/enumerations/issue_priorities.json', { issue_priorities: [{ id: 3, name: 'High' }, { id: 9, name: 'Old', active: false }] });
  get('/issue_statuses.json', { issue_statuses: [{ id: 1, name: 'New' }, { id: 5, name: 'Closed', is_closed: true }] });
  get('/users/current.json', {
    user: { login: 'helpbell', memberships: [{ project: { id: 1 }, roles: [{ id: 6 }] }, { project: { id: 3 }, roles: [{ id: 6 }] }] },
  });
  get('/roles/6.json', { role: { permissions: ['add_issue_notes', 'set_notes_private', 'view_private_notes', 'edit_issues'] } });
  return host;
}

const issue = (journals = []) => ({ issue: { id: 17, project: { id: 1 }, subject: 's', status: { id: 1, name: 'New', is_closed: false }, journals } });
const created = (members = {}) => ({ issue: { id: 17, tracker: { id: 3 }, priority: { id: 3 }, ...members } });
const create = (host, fields = [], more = {}) => connector.create(host.call(SETTINGS), draft({ fields, ...more }));
const posted = (host) => host.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/issues.json'));

test('an issue is one effect, declared, with its press in the description', () => {
  const host = redmine();
  host.answer('POST', `${BASE}/issues.json`, 201, created());
  const { ticket, corrections } = create(host, [['tracker', 'support'], ['priority', '3'], ['customfields', 'Floor : a: b\nnonsense']]);
  assert.deepEqual(ticket, { id: '17', number: '17', url: 'https://desk.example/redmine/issues/17' });
  assert.equal(posted(host).length, 1);
  const { issue: sent } = posted(host)[0].json();
  assert.deepEqual([sent.project_id, sent.tracker_id, sent.priority_id, sent.custom_fields], [1, 3, 3, [{ id: 2, value: 'a: b' }]]);
  assert.ok(sent.description.includes(`[hb:${REFERENCE}]`));
  assert.deepEqual(corrections.map(({ given }) => given), ['nonsense']);
  assert.deepEqual(undeclared(connector, host.requests, BASE), []);
});

test('names that do not exist fall back and name the nearest ones', () => {
  const host = redmine();
  host.answer('POST', `${BASE}/issues.json`, 201, created());
  const { corrections } = create(host, [['project', 'Help Dsk'], ['priority', 'Hihg'], ['priority2', 'x']]);
  assert.deepEqual(corrections.map(({ field, used, nearest }) => [field, used, nearest]),
    [['project', 'Help Desk', ['Help Desk']], ['priority', undefined, ['High']]]);
  assert.equal(posted(host)[0].json().issue.project_id, 1);
});

test('what Redmine refuses is left out once, and only that', () => {
  const host = redmine();
  host.answer('POST', `${BASE}/issues.json`, 422, { errors: ['Floor is not included in the list'] });
  host.answer('POST', `${BASE}/issues.json`, 201, created());
  const { corrections } = create(host, [['priority', 'High'], ['customfields', 'Floor : Cellar']]);
  const [first, second] = posted(host).map((sent) => sent.json().issue);
  assert.ok(first.custom_fields && !second.custom_fields && second.priority_id === 3);
  assert.match(corrections[0].reason, /Redmine says: “Floor is not included in the list”/);
});

test('a refusal that stays is a failure with Redmine’s words', () => {
  const host = redmine();
  host.answer('POST', `${BASE}/issues.json`, 422, { errors: ['Asset tag cannot be blank'] });
  assert.throws(() => create(host), { kind: 'invalid-input', code: 'redmine.refused', message: /Asset tag cannot be blank/ });
  assert.equal(posted(host).length, 1);
});

test('what Redmine ignores without a word is told', () => {
  const host = redmine();
  host.answer('POST', `${BASE}/issues.json`, 201, created({ status: { id: 1, name: 'New' } }));
  const { corrections } = create(host, [['status', 'Closed']]);
  assert.deepEqual(corrections.map(({ field, used }) => [field, used]), [['status', 'New']]);
});

test('a user who is gone does not cost the ticket', () => {
  const host = redmine();
  host.answer('POST', `${BASE}/issues.json`, 404, { status: 404, error: 'Not Found' });
  host.answer('POST', `${BASE}/issues.json`, 201, created());
  const { corrections } = create(host, [], { contact: { id: '7', name: 'Maria' } });
  assert.deepEqual(posted(host).map((sent) => sent.json().issue.watcher_user_ids), [[7], undefined]);
  assert.deepEqual(corrections.map(({ field }) => field), ['contact']);
});

test('an issue is found by exactly its reference, after it is certain who asks', () => {
  const host = redmine();
  const described = (id, text) => ({ id, description: `<pre>\r\n${text}\r\n</pre>` });
  host.answer('GET', `${BASE}/issues.json`, 200, { issues: [described(5, `[hb:${REFERENCE}/note]`), described(4, `[hb:${REFERENCE}]`)] });
  assert.deepEqual(connector.findTickets(host.call(SETTINGS), REFERENCE).map(({ id }) => id), ['4']);
  assert.equal(decodeURIComponent(host.requests.at(-1).query), `status_id=*&description=~hb:${REFERENCE}&sort=id:desc&limit=25`);
  host.forgetAnswers('GET', `${BASE}/users/current.json`);
  host.answer('GET', `${BASE}/users/current.json`, 401);
  assert.throws(() => connector.findTickets(host.call(SETTINGS), REFERENCE), { kind: 'auth' });
});

const note = (host, more = {}) => ({
  private: true, html: '<p>n</p>', text: 'n', reference: `${REFERENCE}/report`,
  attachments: [{ blob: host.addBlob('bytes'), name: 'a b.html', contentType: 'text/html', size: 5, reference: `${REFERENCE}/a` }], ...more,
});

/** Answers of a Redmine that takes a note; `seen` is what it shows afterwards. */
function taking(host, seen = {}) {
  host.answer('POST', `${BASE}/uploads.json`, 201, { upload: { id: 30, token: '30.x' } });
  host.answer('POST', `${BASE}/projects/3/files.json`, 204);
  host.answer('PUT', `${BASE}/issues/17.json`, 204);
  host.answer('GET', `${BASE}/issues/17.json`, 200, issue());
  const notes = `[hb:${REFERENCE}/a]\n[hb:${REFERENCE}/report]`;
  host.answer('GET', `${BASE}/issues/17.json`, 200, issue([{ id: 8, notes, private_notes: true, ...seen }]));
}

test('a private note leads to files of the private project', () => {
  const host = redmine();
  taking(host);
  const added = connector.addNote(host.call(SETTINGS), TICKET, note(host));
  assert.deepEqual(added, { id: '17/8', attachments: [`${REFERENCE}/a`], confirmed: true });
  const [upload, file, put] = host.requests.filter(({ method }) => method !== 'GET');
  assert.deepEqual([upload.headers['content-type'], upload.query, upload.text()], ['application/octet-stream', 'filename=a%20b.html', 'bytes']);
  assert.deepEqual(file.json().file, { token: '30.x', filename: 'a b.html', content_type: 'text/html', description: `#17 [hb:${REFERENCE}/a]` });
  assert.equal(put.json().issue.private_notes, true);
  assert.equal(put.json().issue.uploads, undefined);
  assert.ok(put.json().issue.notes.includes('a-b.html: https://desk.example/redmine/attachments/30'));
  assert.deepEqual(undeclared(connector, host.requests, BASE), []);
});

test('without the right to private notes, or with a public project, nothing is sent', () => {
  const cases = [
    ['/roles/6.json', { role: { permissions: ['add_issue_notes', 'edit_issues', 'view_private_notes'] } }, 'redmine.notes-not-private'],
    ['/projects/3.json', { project: { id: 3, is_public: true } }, 'redmine.reports-public'],
  ];
  for (const [path, body, code] of cases) {
    const host = redmine();
    host.forgetAnswers('GET', BASE + path);
    host.answer('GET', BASE + path, 200, body);
    taking(host);
    assert.throws(() => connector.addNote(host.call(SETTINGS), TICKET, note(host)), { kind: 'forbidden', code });
    assert.deepEqual(host.requests.filter(({ method }) => method !== 'GET'), []);
  }
});

test('a note that became public all the same is a failure', () => {
  const host = redmine();
  taking(host, { private_notes: false });
  assert.throws(() => connector.addNote(host.call(SETTINGS), TICKET, note(host)), { kind: 'forbidden', code: 'redmine.note-visible' });
});

test('an issue is shown without its private notes', () => {
  const host = redmine();
  const journals = [
    { id: 1, notes: 'we look into it', private_notes: false },
    { id: 2, notes: 'secret', private_notes: true },
    { id: 3, notes: 'not said to be public' },
  ];
  host.answer('GET', `${BASE}/issues/17.json`, 200, issue(journals));
  const state = connector.get(host.call(SETTINGS), '17');
  assert.deepEqual([state.phase, state.status, state.lastPublicNote], ['open', 'New', 'we look into it']);
  assert.throws(() => connector.get(host.call(SETTINGS), '../users'), { kind: 'not-found' });
});

test('closing says so where the workflow kept the issue open', () => {
  const host = redmine();
  host.answer('GET', `${BASE}/issues/17.json`, 200, issue());
  host.answer('PUT', `${BASE}/issues/17.json`, 204);
  assert.throws(() => connector.close(host.call(SETTINGS), '17', 'double'), { code: 'redmine.not-closed' });
  const { issue: sent } = host.requests.find(({ method }) => method === 'PUT').json();
  assert.deepEqual([sent.private_notes, sent.status_id], [true, 5]);
});

test('a person is found by exactly their address, and by administrators alone', () => {
  const host = redmine();
  const users = [{ id: 8, mail: 'x.maria.rossi@bianchi.example' }, { id: 7, mail: 'Maria.Rossi@Bianchi.example', firstname: 'Maria', lastname: 'Rossi' }];
  host.answer('GET', `${BASE}/users.json`, 200, { users });
  const find = (on) => connector.findContact(on.call(SETTINGS), { name: 'x', email: ' MARIA.rossi@bianchi.example' });
  assert.deepEqual([find(host), find(host)].map((found) => found?.contact.id), ['7', '7']);
  assert.equal(host.requests.length, 1);
  const other = redmine();
  other.answer('GET', `${BASE}/users.json`, 403);
  assert.equal(find(other), undefined);
  const broken = redmine();
  broken.answer('GET', `${BASE}/users.json`, 500);
  assert.throws(() => find(broken), { kind: 'unavailable' });
});

test('a key becomes a header, and a wrong one never reaches a message', () => {
  const host = redmine();
  const { auth } = exportsOf(connector, host);
  const key = '0123456789abcdef';
  const authorization = auth.authenticate(host.context(SETTINGS), [['api-key', key]]);
  assert.deepEqual(authorization.placements, [{ origin: 'server', place: { tag: 'header', val: 'X-Redmine-API-Key' }, value: key }]);
  assert.equal(authorization.identity, 'user helpbell');
  host.forgetAnswers('GET', `${BASE}/users/current.json`);
  host.answer('GET', `${BASE}/users/current.json`, 422, { errors: [`no ${key}`] });
  assert.throws(() => auth.authenticate(host.context(SETTINGS), [['api-key', key]]), (failure) => !JSON.stringify(failure.message).includes(key));
});

test('every variable has live values, each with its project where it depends on one', () => {
  const host = redmine();
  host.answer('GET', `${BASE}/projects/1/memberships.json`, 200, { memberships: [{ user: { id: 5, name: 'A' } }, { group: { id: 6, name: 'B' } }], total_count: 2 });
  for (const { name, live } of connector.variables()) assert.ok(!live || connector.choices(host.call(SETTINGS), name, []).length > 0, name);
  const [support] = connector.choices(host.call(SETTINGS), 'tracker', [['project', 'help-desk']]);
  assert.deepEqual(support, { id: '3', label: 'Support', parent: ['project', 'Help Desk'] });
  assert.deepEqual(connector.choices(host.call(SETTINGS), 'priority', []).map(({ label }) => label), ['High']);
});

test('the doctor names what is missing in the words of the screen, and suggests', () => {
  const host = redmine();
  const settings = { ...SETTINGS, 'default:priority': 'Hihg' };
  assert.deepEqual(connector.examine(host.call(settings), 'defaults')[0].suggestion, ['priority', 'High']);
  const [rights] = connector.examine(host.call(settings), 'project');
  assert.equal(rights.severity, 'problem');
  assert.match(rights.summary, /View Issues, Add issues/);
  const [gone] = connector.examine(host.call({ ...SETTINGS, project: 'Nowhere' }), 'project');
  assert.equal(gone.severity, 'problem');
  for (const { id } of connector.checks(host.call(settings))) {
    try {
      assert.ok(connector.examine(host.call(settings), id).every(({ guide }) => guide.startsWith('docs/redmine.md#')));
    } catch (failure) {
      assert.ok(failure instanceof Failure, String(failure));
    }
  }
});

test('verbatim text stays within its block whatever it says', () => {
  const text = verbatim('a\r\n</pre>\n<b>@maria</b> x@y.example {{{include(a)}}\n\n~~~');
  assert.equal(text.match(/<\/?pre/g).length, 2);
  assert.ok(text.split('\n').slice(2, -2).every((line) => line.startsWith('    ')));
  assert.ok(!text.includes('@maria') && text.includes('x@y.example') && !text.includes('<b>') && !text.includes('{{'));
});
