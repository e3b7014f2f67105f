// The README's connector and its test, run as they stand there.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

test('what the README shows works', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const blocks = [...readme.matchAll(/```(json|js)\n([^]*?)```/g)].map(([, , text]) => text);
  assert.equal(blocks.length, 3);
  const folder = mkdtempSync(join(tmpdir(), 'helpbell-readme-'));
  try {
    ['package.json', 'src/my-desk.js', 'test/my-desk.test.js'].forEach((name, index) => {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), blocks[index]);
    });
    const register = fileURLToPath(new URL('../register.mjs', import.meta.url));
    const { status, stdout } = spawnSync(process.execPath, ['--import', register, '--test', join(folder, 'test')],
      { encoding: 'utf8', env: { ...process.env, NODE_TEST_CONTEXT: undefined } });
    assert.equal(status, 0, stdout);
    assert.match(stdout, /# pass 1/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
