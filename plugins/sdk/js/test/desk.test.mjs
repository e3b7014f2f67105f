// A PSA that speaks JSON: what its answers mean.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Desk, json } from '../src/index.js';
import { ScriptedHost } from '../src/testing.js';

const KIND = {
  name: 'My Desk', code: 'my-desk', cure: 'Paste the address that My Desk shows.',
  words: (/** @type {unknown} */ answer) => json.text(answer, 'error'),
  cures: { auth: 'Make a new key.' },
};

/** @type {(status: number, body?: unknown, headers?: Record<string, string>) => any} */
function failure(status, body = {}, headers = {}) {
  const host = new ScriptedHost();
  host.answer('GET', '/api/queues', status, body, headers);
  try {
    new Desk(host.call({ server: 'https://desk.example/api/' }), KIND).get('reading queues', '/queues');
  } catch (thrown) {
    return thrown;
  }
  return assert.fail(`${status} was no failure`);
}

test('every status has its kind', () => {
  const expected = {
    400: 'invalid-input', 401: 'auth', 403: 'forbidden', 404: 'not-found', 409: 'conflict', 413: 'invalid-input',
    429: 'rate-limited', 500: 'unavailable', 504: 'timeout', 302: 'internal',
  };
  for (const [status, kind] of Object.entries(expected)) {
    const told = failure(Number(status), {}, { 'retry-after': '3' });
    assert.equal(told.kind, kind, status);
    assert.ok(told.code.startsWith('my-desk.'), told.code);
    assert.equal(told.retryAfterMs, ['429', '500'].includes(status) ? 3000 : undefined, status);
  }
});

test("the PSA's own words are quoted, and the connector's cure goes before the usual one", () => {
  assert.equal(failure(400, { error: 'no\nqueue' }).message, 'My Desk answered 400 while reading queues: “no queue”');
  assert.equal(failure(401).helpText, 'Make a new key.');
  assert.match(failure(409).helpText, /at the same moment/);
});

test('a web page is not the API, whatever its status', () => {
  for (const status of [200, 404]) {
    const told = failure(status, '<!DOCTYPE html><title>Sign in</title>', { 'content-type': 'text/html' });
    assert.equal(told.code, 'my-desk.stranger');
    assert.equal(told.fieldName, 'server');
  }
});
