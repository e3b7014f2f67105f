import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { marker, stripTags } from '@helpbell/connector';

const REFERENCE = '0193a1f2-7c11-7d5e-9a55-0123456789ab';

test('a written marker is found in HTML and in stripped text', () => {
  const html = `<p>help</p>${marker.footerHtml(REFERENCE)}`;
  assert.ok(marker.carries(html, REFERENCE));
  assert.ok(marker.carries(stripTags(html), REFERENCE));
});

test('a reference that only begins or ends alike is not found', () => {
  assert.ok(!marker.carries('[hb:abc]', 'ab'));
  assert.ok(!marker.carries('[hb:abc/note]', 'abc'));
  assert.ok(!marker.carries('xhb:abc', 'abc'));
  assert.ok(!marker.carries('hb:abcü', 'abc'));
  assert.ok(!marker.carries('[hb:]', ''));
  assert.ok(marker.carries('[hb:abcd] [hb:abc]', 'abc'));
});

test('a reference with markup characters is found where it was escaped', () => {
  assert.ok(marker.carries(marker.footerHtml('a&b'), 'a&b'));
});

test('a description that is a marker gives its reference back', () => {
  assert.equal(marker.read(' [hb:press/report.html] '), 'press/report.html');
  assert.equal(marker.read('the report'), undefined);
  assert.equal(marker.read('[hb:]'), undefined);
});

test('the Rust kit writes the same', () => {
  const rust = readFileSync(new URL('../../rust/src/marker.rs', import.meta.url), 'utf8');
  const prefix = /const PREFIX: &str = "([^"]*)"/.exec(rust)[1];
  assert.equal(marker.written('R'), `[${prefix}R]`);
  assert.equal(marker.searched('R'), `${prefix}R`);
  const footer = /"(<p style=[^\n]*<\/p>)"/.exec(rust)[1].replaceAll('\\"', '"').replace('{}', `[${prefix}R]`);
  assert.equal(marker.footerHtml('R'), footer);
});
