import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ScriptedHost } from '@helpbell/connector/testing';
import connector from '../src/{{module}}.js';

const REFERENCE = '0193a1f2-7c11-7d5e-9a55-0123456789ab';
const SETTINGS = { server: 'https://desk.example.com' };

test('a ticket is found by the reference of its press', () => {
  const host = new ScriptedHost();
  host.answer('GET', '/tickets', 200, [{ id: 5, title: 'Printer' }]);
  const [found] = connector.findTickets(host.call(SETTINGS), REFERENCE);
  assert.equal(found.url, 'https://desk.example.com/tickets/5');
  assert.ok(host.requests[0].query.includes(REFERENCE));
});

test("a refusal is told in the desk's own words", () => {
  const host = new ScriptedHost();
  host.answer('GET', '/tickets/5', 404, { error: 'there is no such ticket' });
  assert.throws(() => connector.get(host.call(SETTINGS), '5'), { kind: 'not-found', message: /there is no such ticket/ });
});
