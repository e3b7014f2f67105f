// The build script, with the real tools where HELPBELL_JS_TOOLS (or this folder) has them. Only the last test makes a component.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const KIT = fileURLToPath(new URL('..', import.meta.url));
const WIT = fileURLToPath(new URL('../../../../wit/psa', import.meta.url));
const TOOLS = process.env.HELPBELL_JS_TOOLS ?? KIT;
const skip = existsSync(join(TOOLS, 'node_modules', 'esbuild')) ? false : `there are no tools in ${TOOLS}`;
const work = mkdtempSync(join(tmpdir(), 'helpbell-build-test-'));
after(() => rmSync(work, { recursive: true, force: true }));

/** The template with its placeholders filled in, and other text for its module. */
function project(name, source) {
  const folder = join(work, name);
  const fill = (text) => text.replaceAll('{{name}}', name).replaceAll('{{title}}', 'My Desk').replaceAll('{{module}}', name);
  const copy = (from, to) => {
    mkdirSync(to, { recursive: true });
    for (const entry of readdirSync(from)) {
      const [there, here] = [join(from, entry), join(to, fill(entry))];
      if (statSync(there).isDirectory()) copy(there, here);
      else writeFileSync(here, fill(readFileSync(there, 'utf8')));
    }
  };
  copy(join(KIT, 'template'), folder);
  if (source !== undefined) writeFileSync(join(folder, 'src', `${name}.js`), source);
  return folder;
}

function build(...words) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(KIT, 'build.mjs'), ...words, '--tools', TOOLS], { encoding: 'utf8' });
  return { status, stdout, stderr };
}
const built = (folder, output = join(work, 'out.wasm')) => build('--project', folder, '--wit', WIT, '--output', output);

test('wrong usage ends with 2 and says how it is used', { skip }, () => {
  for (const words of [[], ['--project', work], ['--project', work, '--wit', WIT, '--output', 'x', '--nonsense']]) {
    const { status, stderr } = build(...words);
    assert.equal(status, 2, stderr);
    assert.match(stderr, /usage: node build\.mjs/);
  }
});

test('a project without a module, or whose module is not there, says so', { skip }, () => {
  const folder = join(work, 'empty');
  mkdirSync(folder);
  assert.match(built(folder).stderr, /package\.json cannot be read/);
  writeFileSync(join(folder, 'package.json'), '{"name": "x", "version": "1.0.0"}');
  assert.match(built(folder).stderr, /helpbell\.module is missing/);
  writeFileSync(join(folder, 'package.json'), '{"name": "x", "version": "1.0.0", "helpbell": {"module": "src/x.js"}}');
  const { status, stderr } = built(folder);
  assert.equal(status, 1);
  assert.match(stderr, /names the module src\/x\.js, but there is no such file/);
});

test('a syntax error is told with its file and line', { skip }, () => {
  const { status, stderr } = built(project('broken', "const a = 1;\nexport default {{;\n"));
  assert.equal(status, 1);
  assert.match(stderr, /broken\.js:2:\d+: /);
  assert.doesNotMatch(stderr, /build\.mjs:\d/);
});

test('a module that exports no connector says what its last lines are', { skip }, () => {
  const { status, stderr } = built(project('nothing', 'export const a = 1;\n'));
  assert.equal(status, 1);
  assert.match(stderr, /exports no connector/);
});

test('a module that throws is told with its own words', { skip }, () => {
  const { stderr } = built(project('throwing', "import { defineConnector } from '@helpbell/connector';\nexport default defineConnector({});\n"));
  assert.match(stderr, /defineConnector: describe is missing/);
});

test('the template becomes a component in silence, and its own tests pass', { skip }, () => {
  const [folder, output] = [project('my-desk'), join(work, 'my-desk.wasm')];
  assert.deepEqual(built(folder, output), { status: 0, stdout: '', stderr: '' });
  // A component begins with the magic number and says in its version that it is no core module.
  assert.deepEqual([...readFileSync(output).subarray(0, 8)], [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]);
  const tested = spawnSync(process.execPath, ['--import', join(KIT, 'register.mjs'), '--test', join(folder, 'test')],
    { encoding: 'utf8', env: { ...process.env, NODE_TEST_CONTEXT: undefined } });
  assert.equal(tested.status, 0, tested.stdout);
  assert.match(tested.stdout, /# pass 2/);
});
