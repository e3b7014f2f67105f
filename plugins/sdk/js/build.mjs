// Builds a connector's project into a component.
//
//     node plugins/sdk/js/build.mjs --project DIR --wit DIR --output FILE.wasm [--tools DIR]
//
// The tools (esbuild, componentize-js) are pinned by package-lock.json and found in `--tools DIR`, a folder in which
// `npm ci` has run over copies of package.json and package-lock.json; else in HELPBELL_JS_TOOLS; else beside this file.
//
// Says nothing when it works. Exits with 1 when the project cannot be built, with 2 for wrong usage.

import { cp, mkdtemp, readFile, rename, rm, writeFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const KIT = dirname(fileURLToPath(import.meta.url));
/** What projects import. */
const KIT_NAME = '@helpbell/connector';
/** Modules of the host; they exist in the component alone. */
const OF_THE_HOST = ['wasi:*', 'helpbell:*'];
/** The engine's own `fetch`, and its events: the kit speaks to the host itself, see `src/wasi.js`. */
const DISABLED = ['http', 'fetch-event'];
const USAGE = 'usage: node build.mjs --project DIR --wit DIR --output FILE.wasm [--tools DIR]';

/** A sentence for whoever builds, without a stack. */
class Told extends Error {
  constructor(message, code = 1) {
    super(message);
    this.code = code;
  }
}

function argumentsOf(words) {
  const options = Object.fromEntries(['project', 'wit', 'output', 'tools'].map((name) => [name, { type: 'string' }]));
  let values;
  try {
    ({ values } = parseArgs({ args: words, options }));
  } catch (error) {
    throw new Told(`${error.message}\n${USAGE}`, 2);
  }
  for (const name of ['project', 'wit', 'output']) {
    if (!values[name]) throw new Told(`--${name} is missing\n${USAGE}`, 2);
  }
  const tools = values.tools ?? process.env.HELPBELL_JS_TOOLS ?? KIT;
  return { ...Object.fromEntries(Object.entries({ ...values, tools }).map(([name, path]) => [name, resolve(path)])) };
}

/** Loads a tool out of the folder of tools. */
async function tool(tools, name) {
  try {
    const path = createRequire(join(tools, 'package.json')).resolve(name);
    return await import(pathToFileURL(path).href);
  } catch (error) {
    // componentize-js has no entry for `require`, which is all that `createRequire` looks for.
    const entry = join(tools, 'node_modules', name, 'package.json');
    const told = await readFile(entry, 'utf8').then(JSON.parse, () => undefined);
    const main = told?.exports?.import ?? told?.exports?.['.']?.import;
    if (main) return import(pathToFileURL(join(dirname(entry), main)).href);
    throw new Told(`${name} is not installed in ${tools}; copy package.json and package-lock.json of ${KIT} to a folder, ` +
      `run \`npm ci\` there, and name it with --tools (${error.code ?? error.message})`);
  }
}

/** What `package.json` says of the project. */
async function projectOf(folder) {
  const file = join(folder, 'package.json');
  let told;
  try {
    told = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new Told(`${file} cannot be read: ${error.message}`);
  }
  const { name, version, helpbell } = told;
  for (const [member, value] of Object.entries({ name, version, 'helpbell.module': helpbell?.module })) {
    if (typeof value !== 'string' || value === '') {
      throw new Told(`${file}: ${member} is missing; it looks like "name": "my-desk", "version": "0.1.0", ` +
        '"helpbell": {"module": "src/my-desk.js"}');
    }
  }
  const module = resolve(folder, helpbell.module);
  if (!(await stat(module).then((found) => found.isFile(), () => false))) {
    throw new Told(`${file} names the module ${helpbell.module}, but there is no such file`);
  }
  return { name, version, module };
}

/** Bundles one source over the project's modules and the kit into one module. */
async function bundle(esbuild, project, source, into) {
  try {
    await esbuild.build({
      stdin: { contents: source, resolveDir: dirname(project.module), sourcefile: 'entry-of-the-kit.js' },
      outfile: into,
      bundle: true,
      format: 'esm',
      platform: 'neutral',
      mainFields: ['module', 'main'],
      target: 'es2022',
      // Whoever reads an exception wants the author's names.
      keepNames: true,
      charset: 'utf8',
      external: OF_THE_HOST,
      alias: { [KIT_NAME]: join(KIT, 'src', 'index.js') },
      logLevel: 'silent',
    });
  } catch (error) {
    const told = (error.errors ?? []).map(({ text, location }) =>
      (location ? `${location.file}:${location.line}:${location.column + 1}: ${text}\n    ${location.lineText.trim()}` : text));
    throw new Told(told.length > 0 ? told.join('\n') : error.message);
  }
}

/** Runs the project's module here once: it must export a connector, and only that knows which worlds it implements. */
async function worldsOf(esbuild, project, work) {
  const probe = join(work, 'probe.mjs');
  const paths = ['connector.js', 'testing.js'].map((name) => JSON.stringify(join(KIT, 'src', name)));
  await bundle(esbuild, project, `
    import * as module from ${JSON.stringify(project.module)};
    import { isConnector, optionalWorlds } from ${paths[0]};
    import { ScriptedHost, exportsOf } from ${paths[1]};
    const connector = module.default;
    export const found = isConnector(connector);
    export const worlds = found ? optionalWorlds(connector) : [];
    // Throws here, and not in the sandbox, where describe() cannot answer.
    if (found) exportsOf(connector, new ScriptedHost()).describe.describe();
  `, probe);
  let told;
  try {
    told = await import(pathToFileURL(probe).href);
  } catch (error) {
    const place = String(error.stack ?? error).split('\n').find((line) => line.includes('probe.mjs')) ?? '';
    throw new Told(`${project.module} fails when it is loaded: ${error.message} ${place.trim().replace(/\(.*\)/, '')}`.trim());
  }
  if (!told.found) {
    throw new Told(`${project.module} exports no connector; its last lines are: export default defineConnector({ … });`);
  }
  return told.worlds;
}

/** One world out of the required one and what the connector implements besides. */
async function witOf(given, worlds, work) {
  const wit = join(work, 'wit');
  try {
    await cp(given, wit, { recursive: true });
  } catch (error) {
    throw new Told(`the contract cannot be read: ${error.message}; --wit names the folder wit/psa`, 2);
  }
  const lines = ['connector', ...worlds.map(({ world }) => world)].map((world) => `  include ${world};\n`);
  await writeFile(join(wit, 'project.wit'), `world project {\n${lines.join('')}}\n`);
  return wit;
}

async function build({ project: folder, wit: given, output, tools }) {
  const project = await projectOf(folder);
  const esbuild = await tool(tools, 'esbuild');
  const { componentize } = await tool(tools, '@bytecodealliance/componentize-js');
  const work = await mkdtemp(join(tmpdir(), 'helpbell-js-'));
  try {
    const worlds = await worldsOf(esbuild, project, work);
    const interfaces = ['describe', 'auth', 'directory', 'tickets', 'notes', 'dispatcher',
      ...worlds.map(({ exported }) => exported)];
    const source = join(work, 'source.js');
    const kit = (name) => JSON.stringify(join(KIT, 'src', name));
    await bundle(esbuild, project, `
      import connector from ${JSON.stringify(project.module)};
      import { contractExports } from ${kit('connector.js')};
      import { wasiHost } from ${kit('wasi.js')};
      export const { ${interfaces.join(', ')} } = contractExports(connector, wasiHost, ${JSON.stringify(project.version)});
    `, source);
    const witPath = await witOf(given, worlds, work);
    let component;
    try {
      ({ component } = await componentize({ sourcePath: source, witPath, worldName: 'project', disableFeatures: DISABLED }));
    } catch (error) {
      throw new Told(`${project.name} does not become a component: ${error.message ?? error}`);
    }
    // Beside its place first: somebody may be reading its predecessor.
    const beside = `${output}.${process.pid}.tmp`;
    try {
      await writeFile(beside, component);
      await rename(beside, output);
    } catch (error) {
      throw new Told(`${output} cannot be written: ${error.message}`);
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

try {
  await build(argumentsOf(process.argv.slice(2)));
} catch (error) {
  console.error(`error: ${error instanceof Told ? error.message : error.stack}`);
  process.exitCode = error instanceof Told ? error.code : 1;
}
