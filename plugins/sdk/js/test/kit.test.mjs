import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyToFields, Cached, defineConnector, escapeHtml, Failure, json, nearest, PickList, quote, shorten, stripTags, webhook }
  from '@helpbell/connector';
import { distance } from '../src/pick-list.js';
import { draft, exportsOf, ScriptedHost } from '@helpbell/connector/testing';

const describe = {
  id: 'my-desk', name: 'My Desk', summary: 'Files tickets.', origins: [{ name: 'api', source: { setting: 'server' } }],
  settings: [{ name: 'server', label: 'Server', help: 'Where it is.', kind: 'url' }, { name: 'team', label: 'T', help: 'H', default: 'x' }],
  requests: [{ origin: 'api', method: 'POST', path: '/t', effect: 'effect', refusals: [400, { status: 500, member: '/errors' }], purpose: 'p' }],
  limits: { summaryChars: 20, attachmentBytes: 1, noteBytes: 2 }, lookup: { eventual: 5 },
};
const minimal = { describe, authenticate: () => ({ placements: [] }), create: () => ({ ticket: { id: '1', number: '1' } }) };
const exported = (more = {}) => exportsOf(defineConnector({ ...minimal, ...more }), new ScriptedHost(), '1.2.3');
const context = { settings: [], reference: '', locale: 'en', deadlineMs: 1n };

test('a description gets the defaults and the shapes of the contract', () => {
  const { describe: told } = exported();
  const description = told.describe();
  assert.equal(description.version, '1.2.3');
  assert.deepEqual(description.settings.map(({ required, kind }) => [required, kind]), [[true, 'url'], [false, 'text']]);
  assert.deepEqual(description.origins, [{ name: 'api', source: { tag: 'setting', val: 'server' } }]);
  assert.deepEqual(description.requests[0].refusals, [{ status: 400 }, { status: 500, member: '/errors' }]);
  assert.deepEqual(description.limits, { summaryChars: 20, attachmentBytes: 1n, noteBytes: 2n });
  assert.deepEqual(description.lookup, { tag: 'eventual', val: 5 });
});

test('what is left out answers that the PSA has no such function', () => {
  const { tickets, directory, dispatcher } = exported();
  assert.throws(() => tickets.close(context, '1', 'x'), { kind: 'unsupported', code: 'connector.unsupported' });
  assert.equal(directory.findContact(context, {}), undefined);
  assert.deepEqual(dispatcher.variables(), []);
  assert.deepEqual(tickets.create(context, draft()), { corrections: [], ticket: { id: '1', number: '1' } });
});

test('a failure reaches the host as its record, and a mistake as an internal one', () => {
  const create = () => { throw new Failure('rate-limited', 'x.busy', 'busy').help('wait').field('f').retryAfter(1500).fact('a', 'b'); };
  assert.throws(() => exported({ create }).tickets.create(context, draft()), (thrown) => {
    assert.deepEqual(thrown, { kind: 'rate-limited', code: 'x.busy', message: 'busy', help: 'wait', field: 'f', retryAfterMs: 1500n, extra: [['a', 'b']] });
    return true;
  });
  const broken = () => undefined.x;
  assert.throws(() => exported({ create: broken }).tickets.create(context, draft()), { kind: 'internal', code: 'connector.exception' });
});

test('placements become variants', () => {
  const authenticate = (_call, secrets) => ({
    placements: [{ origin: 'api', header: 'X', value: secrets.required('key') }, { origin: 'api', query: 'k', value: 'v' }],
  });
  const { placements } = exported({ authenticate }).auth.authenticate(context, [['key', ' secret ']]);
  assert.deepEqual(placements.map(({ place, value }) => [place, value]), [[{ tag: 'header', val: 'X' }, 'secret'], [{ tag: 'query', val: 'k' }, 'v']]);
  assert.throws(() => exported({ authenticate }).auth.authenticate(context, []), { kind: 'auth', code: 'secrets.missing' });
});

test('optional worlds are there only if implemented', () => {
  assert.deepEqual(Object.keys(exported()).filter((name) => ['doctor', 'webhooks', 'poller'].includes(name)), []);
  const { doctor } = exported({ checks: () => [], examine: () => [{ severity: 'ok', summary: 's' }] });
  assert.deepEqual(doctor.examine(context, 'x'), [{ why: '', cure: [], severity: 'ok', summary: 's' }]);
  assert.throws(() => defineConnector({ ...minimal, checks: () => [] }), /belong together/);
  assert.throws(() => defineConnector({ describe }), /authenticate is missing/);
  assert.throws(() => defineConnector({ ...minimal, create: async () => ({}) }), /create is async/);
});

test('a secret is blotted out of every text of a failure', () => {
  const failure = new Failure('auth', 'x.hunter22', 'server said hunter22').help('no hunter22').field('hunter22')
    .fact('hunter22', 'hunter22 again').without('hunter22');
  assert.ok(!JSON.stringify(failure.toContract(), (_, value) => (typeof value === 'bigint' ? 0 : value)).includes('hunter22'));
  assert.equal(new Failure('auth', 'a', 'a cat').without('a').message, 'a cat');
});

test('settings are trimmed, and a missing one names itself', () => {
  const call = new ScriptedHost().call({ server: ' https://x ', team: ' ' });
  assert.equal(call.setting('server'), 'https://x');
  assert.equal(call.setting('team'), undefined);
  assert.throws(() => call.required('team'), { kind: 'invalid-input', fieldName: 'team' });
});

test('the cache keeps JSON for its time', () => {
  const host = new ScriptedHost();
  const call = host.call();
  call.cacheJson('a', { b: ['ü'] }, 10);
  assert.deepEqual(call.cachedJson('a'), { b: ['ü'] });
  host.passSeconds(10);
  assert.equal(call.cachedJson('a'), undefined);
  call.cacheJson('a', 1, 10);
  call.forget('a');
  assert.equal(call.cachedJson('a'), undefined);
});

test('rules write the summary and known variables, and nothing else', () => {
  const variables = [{ name: 'team', access: 'read-write', kind: 'text', meaning: 'm' }, { name: 'seen', access: 'read', kind: 'text', meaning: 'm' }];
  const { draft: changed, corrections } = applyToFields(draft({ fields: [['team', 'old']] }),
    [['subject', ' a  very long subject indeed '], ['team', 'new'], ['taem', 'x'], ['seen', 'y']], variables, 10);
  assert.equal(changed.summary, 'a very lo…');
  assert.deepEqual(changed.fields, [['team', 'new']]);
  assert.deepEqual(corrections.map(({ field, nearest: near }) => [field, near]), [['taem', ['team']], ['seen', []]]);
});

test('a name is found however it is written and wins over an id', () => {
  const list = new PickList([{ id: '3', label: '1st Line' }, { id: '7', label: '3' }, { id: '9', label: 'Hardware>Desktop' }]);
  assert.equal(list.find(' 1ST  line').id, '3');
  assert.equal(list.find('3').id, '7');
  assert.equal(list.find('hardware > desktop').id, '9');
  assert.equal(list.find(''), undefined);
});

test('near misses are offered best first and strangers are not', () => {
  const names = ['Critical', 'High', 'Medium', 'Low', 'Highest'];
  assert.deepEqual(nearest('Hihg', names), ['High']);
  assert.deepEqual(nearest('high prio', names), ['High']);
  assert.deepEqual(nearest('Zebra', names), []);
  assert.equal(distance([...'kitten'], [...'sitting']), 3);
  assert.equal(distance([...'lwo'], [...'low']), 1);
  assert.equal(distance([...'ca'], [...'abc']), 3);
});

test('an entry created after the list was kept is found at once, and a wrong name costs no request every time', () => {
  const call = new ScriptedHost().call();
  let fetched = 0;
  const fetch = () => {
    fetched += 1;
    return [{ id: '1', label: 'Old' }, ...(fetched > 1 ? [{ id: '2', label: 'New' }] : [])];
  };
  const kept = new Cached('teams', 60);
  assert.ok(kept.lookUp(call, 'old', fetch).entry);
  assert.equal(kept.lookUp(call, 'new', fetch).entry.id, '2');
  for (let turn = 0; turn < 5; turn += 1) assert.equal(kept.lookUp(call, 'nonsense', fetch).entry, undefined);
  assert.equal(fetched, 3);
});

test('text from people and servers is inert, short and on one line', () => {
  assert.equal(escapeHtml('<a href=\'x\' id="y">&\0'), '&lt;a href=&#39;x&#39; id=&quot;y&quot;&gt;&amp;');
  assert.equal(shorten('grüße😀', 6), 'grüße😀');
  assert.equal(shorten('grüße!', 5), 'grüß…');
  assert.equal(quote('a\r\n\x1b[31mb\t c'), 'a [31mb c');
  assert.equal(stripTags('<p>a&nbsp;b</p><b>c &amp;lt; d</b>'), 'a b c &lt; d');
});

test('JSON is read leniently', () => {
  const value = { a: 12, b: '12', c: null, d: 1.5, e: 'GUID', f: 'true' };
  assert.deepEqual(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => json.id(value, name)), ['12', '12', undefined, undefined, 'GUID', 'true']);
  assert.equal(json.flag(value, 'f'), true);
  assert.deepEqual(json.parse('\ufeff{}', 'it'), {});
  assert.throws(() => json.parse('<html>', 'it'), { code: 'json.unreadable' });
  assert.equal(json.member(value, 'toString'), undefined);
});

test('a webhook secret is recognised as Basic and as Bearer and nothing else', () => {
  const of = (authorization) => webhook.authorized(
    { method: 'POST', path: '/', query: [], headers: authorization === undefined ? [] : [['authorization', authorization]], body: new Uint8Array() },
    'Aladdin:open sesame');
  assert.equal(of(undefined), 'absent');
  assert.equal(of('Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=='), 'yes');
  assert.equal(of('bearer Aladdin:open sesame'), 'yes');
  for (const wrong of ['Basic QWxhZGRpbjpvcGVuIHNlc2FtZR==', 'Basic', '', 'Aladdin:open sesame', 'Bearer Aladdin:open sesam', 'Digest QWxhZGRpbjpvcGVuIHNlc2FtZQ==']) {
    assert.equal(of(wrong), 'no', wrong);
  }
});
