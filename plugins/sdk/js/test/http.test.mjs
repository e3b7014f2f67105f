import assert from 'node:assert/strict';
import { test } from 'node:test';
import { address, asBase64, Failure, Response } from '@helpbell/connector';
import { base64 } from '../src/http.js';
import { ScriptedHost, START_UNIX } from '@helpbell/connector/testing';

const URL_OF_DESK = 'https://desk.example/api/x';
const sent = (request) => {
  const host = new ScriptedHost();
  host.answer(request.method ?? 'POST', '/api/x', 200, '{}');
  host.addBlob(Uint8Array.from({ length: 2_500_000 }, (_, index) => index % 251));
  host.call().send({ url: URL_OF_DESK, ...request });
  return host.requests[0];
};
const answer = (headers, body = '') =>
  new Response({ status: 200, headers: Object.entries(headers), body: new TextEncoder().encode(body) });

test('a base with and without a slash gives the same address', () => {
  for (const base of ['https://x.example/api', 'https://x.example/api/', ' https://x.example/api// ']) {
    assert.equal(address(base, '/Users', { search: "a b'", none: undefined }), 'https://x.example/api/Users?search=a%20b%27');
  }
});

test('what is no address is refused', () => {
  assert.throws(() => new ScriptedHost().call().send({ url: 'ftp://x' }), { code: 'http.address' });
});

test('JSON, forms and queries are written as their types say', () => {
  assert.deepEqual(sent({ json: { a: 'ü' } }).json(), { a: 'ü' });
  assert.equal(sent({ json: {} }).headers['content-type'], 'application/json');
  assert.equal(sent({ form: { a: 'b c', 'd&': '+' } }).text(), 'a=b%20c&d%26=%2B');
  assert.equal(sent({ method: 'GET', query: { q: 'a&b' } }).query, 'q=a%26b');
});

test('a file of several slices goes out raw, and as base64 of the whole', () => {
  const raw = sent({ body: { blob: 0 } }).body;
  assert.equal(raw.length, 2_500_000);
  assert.ok(raw.every((byte, index) => byte === index % 251));
  assert.equal(sent({ body: ['"', { base64: 0 }, '"'] }).text(), JSON.stringify(Buffer.from(raw).toString('base64')));
});

test('a name of a file cannot leave its place in a multipart body', () => {
  const request = sent({
    multipart: [
      { name: 'title', value: 'x' },
      { name: 'file', filename: 'a"\r\nx: y.txt', contentType: 'text/plain\r\nx: y', content: 'hello' },
    ],
  });
  const boundary = /boundary=(.*)$/.exec(request.headers['content-type'])[1];
  assert.deepEqual(request.text().split(`--${boundary}`), [
    '',
    '\r\ncontent-disposition: form-data; name="title"\r\n\r\nx\r\n',
    '\r\ncontent-disposition: form-data; name="file"; filename="a%22%0D%0Ax: y.txt"\r\ncontent-type: text/plain  x: y\r\n\r\nhello\r\n',
    '--\r\n',
  ]);
});

test('base64 is that of RFC 4648', () => {
  for (const text of ['', 'f', 'fo', 'foo', 'foob', 'fooba', 'foobar', '\xff\xfe']) {
    const bytes = Buffer.from(text, 'latin1');
    assert.equal(new TextDecoder().decode(base64(bytes)), bytes.toString('base64'));
  }
});

test('Retry-After is read as seconds and as a date', () => {
  assert.equal(answer({ 'retry-after': '7' }).retryAfterMs(0), 7000);
  const date = answer({ 'retry-after': 'Sun, 06 Nov 1994 08:49:37 GMT' });
  assert.equal(date.retryAfterMs(START_UNIX - 7), 7000);
  assert.equal(date.retryAfterMs(START_UNIX + 99), 0);
  assert.equal(answer({ 'retry-after': 'soon' }).retryAfterMs(0), undefined);
});

test('a login page is told from JSON and its title is read', () => {
  const page = answer({ 'content-type': 'text/html; charset=utf-8' }, '<html><TITLE>Sign\nin</title>');
  assert.ok(page.isWebPage);
  assert.equal(page.pageTitle, 'Sign in');
  assert.ok(answer({}, '  <!doctype html>').isWebPage);
  assert.ok(!answer({}, '{"a":"<"}').isWebPage);
});

test('answers come in order, the last one stays, and what was not scripted fails', () => {
  const host = new ScriptedHost();
  host.answer('GET', '/a', 500);
  host.answer('GET', '/a', 200, { ok: true });
  const call = host.call();
  const get = (path) => call.send({ url: `https://x.example${path}` });
  assert.deepEqual([get('/a').status, get('/a').status, get('/a').status], [500, 200, 200]);
  assert.throws(() => get('/b'), (error) => error instanceof Failure && error.code === 'testing.unscripted');
});

test('a file within JSON is sent as base64, and no text that a person types is one', () => {
  const host = new ScriptedHost();
  const blob = host.addBlob('the file');
  host.answer('POST', '/notes', 201, { id: 5 });
  const typed = 'helpbell-0-';
  const call = host.call({ server: 'https://desk.example' });
  call.send({ url: 'https://desk.example/notes', json: { typed, files: [{ data: asBase64(blob) }] } });
  const sent = host.requests[0].json();
  assert.equal(sent.typed, typed);
  assert.equal(Buffer.from(sent.files[0].data, 'base64').toString(), 'the file');
});
