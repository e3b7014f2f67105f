import assert from 'node:assert/strict';
import { test } from 'node:test';
import { draft, exportsOf, ScriptedHost, undeclared } from '@helpbell/connector/testing';
import connector from '../src/{{module}}.js';

const SETTINGS = { server: 'https://desk.example' };

test('a ticket carries its press and is declared', () => {
  const host = new ScriptedHost();
  host.reference = '0193a1f2-7c11-7d5e-9a55-0123456789ab';
  host.answer('POST', '/tickets', 201, { id: 5 });
  const { ticket } = connector.create(host.call(SETTINGS), draft());
  assert.deepEqual(ticket, { id: '5', number: '5', url: 'https://desk.example/tickets/5' });
  assert.ok(host.requests[0].json().html.includes(`[hb:${host.reference}]`));
  assert.deepEqual(undeclared(connector, host.requests), []);
});

test('a refusal says which screen cures it', () => {
  const host = new ScriptedHost();
  host.answer('POST', '/tickets', 400, { error: 'no' });
  const { tickets } = exportsOf(connector, host);
  assert.throws(() => tickets.create(host.context(SETTINGS), draft()), { code: '{{name}}.refused' });
});
