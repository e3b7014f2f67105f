// What an author exports, and its way to the contract's exports.

import { Call, Secrets } from './call.js';
import { Failure, failureOf } from './failure.js';
import { nearest } from './pick-list.js';
import { shorten } from './text.js';

/** @typedef {import('./types.js').Definition} Definition */
/** @typedef {import('./types.js').Host} Host */
/** @typedef {import('./types.js').Context} Context */
/** @typedef {import('./types.js').Draft} Draft */
/** @typedef {import('./types.js').Variable} Variable */
/** @typedef {import('./types.js').Description} Description */
/** @typedef {Required<Omit<Definition, 'describe' | 'variables' | Optional>> & Pick<Definition, Optional> & { describe: () => Description, variables: () => Variable[] }} Connector */
/** @typedef {'checks' | 'examine' | 'verifyAndParse' | 'keyUrl' | 'changesSince'} Optional */

/** By this the build knows what `defineConnector` made, even where a project brought a second copy of the kit. */
const MADE = Symbol.for('helpbell.connector');

/** What is missing here answers "this PSA has no such function". */
const REQUIRED = /** @type {const} */ (['describe', 'authenticate', 'create']);

/** World, interface and functions of what only some PSAs can do. */
const OPTIONAL_WORLDS = /** @type {const} */ ([
  { world: 'examiner', exported: 'doctor', functions: ['checks', 'examine'] },
  { world: 'webhook-receiver', exported: 'webhooks', functions: ['verifyAndParse'] },
  { world: 'change-poller', exported: 'poller', functions: ['changesSince'] },
]);

const unsupported = (/** @type {string} */ what) =>
  new Failure('unsupported', 'connector.unsupported', `this connector cannot ${what}`);

/**
 * A connector to one kind of PSA. A project's module is one `export default defineConnector({…})`. Every call runs in
 * a fresh instance: keep nothing in variables of a module.
 * @param {Definition} definition
 * @returns {Connector}
 */
export function defineConnector(definition) {
  for (const name of REQUIRED) {
    if (definition?.[name] === undefined) throw new TypeError(`defineConnector: ${name} is missing`);
  }
  const { describe, variables } = definition;
  /** @type {Connector} */
  const connector = {
    findContact: () => undefined,
    findDevice: () => undefined,
    choices: (_call, field) => { throw unsupported(`list the values of ${field}`); },
    findTickets: () => { throw unsupported('find a ticket by its reference'); },
    get: () => { throw unsupported('show a ticket'); },
    close: () => { throw unsupported('close a ticket'); },
    addNote: () => { throw unsupported('add a note'); },
    attach: () => { throw unsupported('attach a file'); },
    findNotes: () => { throw unsupported('find a note by its reference'); },
    apply: (_call, draft, assignments) =>
      applyToFields(draft, assignments, connector.variables(), connector.describe().limits.summaryChars),
    ...definition,
    describe: typeof describe === 'function' ? describe : () => describe,
    variables: typeof variables === 'function' ? variables : () => variables ?? [],
  };
  for (const name of Object.keys(connector)) {
    const value = /** @type {Record<string, unknown>} */ (connector)[name];
    if (value !== undefined && typeof value !== 'function') throw new TypeError(`defineConnector: ${name} is no function`);
    if (value?.constructor.name === 'AsyncFunction') {
      throw new TypeError(`defineConnector: ${name} is async; the contract's functions are not, and call.send waits by itself`);
    }
  }
  if ((connector.checks === undefined) !== (connector.examine === undefined)) {
    throw new TypeError('defineConnector: checks and examine belong together');
  }
  Object.defineProperty(connector, MADE, { value: true });
  return Object.freeze(connector);
}

/**
 * Whether this was made by {@link defineConnector}.
 * @param {unknown} value
 * @returns {value is Connector}
 */
export function isConnector(value) {
  return typeof value === 'object' && value !== null && MADE in value;
}

/**
 * The optional worlds that a connector implements, with the names of their interfaces.
 * @param {Connector} connector
 */
export function optionalWorlds(connector) {
  return OPTIONAL_WORLDS.filter(({ functions }) => functions.every((name) => connector[name] !== undefined));
}

/**
 * `subject` becomes the summary (shortened to `summaryChars` characters), every variable that may be written becomes a
 * field in place of an earlier one of the same name, anything else a correction.
 * @param {Draft} draft
 * @param {import('./types.js').Pairs} assignments
 * @param {Variable[]} variables
 * @param {number} summaryChars
 * @returns {import('./types.js').Applied}
 */
export function applyToFields(draft, assignments, variables, summaryChars) {
  const writable = variables.filter(({ access }) => access === 'read-write').map(({ name }) => name);
  const changed = { ...draft, fields: [...draft.fields] };
  /** @type {import('./types.js').Correction[]} */
  const corrections = [];
  for (const [name, value] of assignments) {
    if (name === 'subject') {
      changed.summary = shorten(value.trim().split(/\s+/).join(' '), summaryChars);
    } else if (writable.includes(name)) {
      changed.fields = [...changed.fields.filter(([field]) => field !== name), [name, value]];
    } else {
      const reason = `there is no variable ${name} that a rule could write`;
      corrections.push({ field: name, given: value, reason, nearest: nearest(name, writable) });
    }
  }
  return { draft: changed, corrections };
}

/**
 * The contract's exports of a connector over a host. Interfaces of optional worlds are there, too, where implemented.
 * @param {Connector} connector
 * @param {Host} host
 * @param {string} version of the project, unless the connector says its own
 */
export function contractExports(connector, host, version) {
  /**
   * Runs a function and hands what it throws to the host as the contract's failure.
   * @template Result
   * @param {Context} context
   * @param {(call: Call) => Result} run
   */
  const calling = (context, run) => {
    try {
      return run(new Call(context, host));
    } catch (thrown) {
      // The bindings take a thrown object that is no Error for the `err` of a result.
      throw failureOf(thrown);
    }
  };
  const { checks, examine, verifyAndParse, changesSince } = connector;
  return {
    describe: { describe: () => toDescription(connector.describe(), version) },
    auth: {
      authenticate: (/** @type {Context} */ context, /** @type {import('./types.js').Pairs} */ secrets) =>
        calling(context, (call) => toAuthorization(connector.authenticate(call, new Secrets(secrets)))),
    },
    directory: {
      findContact: (/** @type {Context} */ context, /** @type {import('./types.js').Person} */ person) =>
        calling(context, (call) => {
          const found = connector.findContact(call, person);
          return found && { ...found, contact: toContact(found.contact) };
        }),
      findDevice: (/** @type {Context} */ context, /** @type {import('./types.js').Contact | undefined} */ contact, /** @type {import('./types.js').DeviceFacts} */ facts) =>
        calling(context, (call) => {
          const found = connector.findDevice(call, contact, facts);
          return found && { extra: [], ...found };
        }),
      choices: (/** @type {Context} */ context, /** @type {string} */ field, /** @type {import('./types.js').Pairs} */ parents) =>
        calling(context, (call) => connector.choices(call, field, parents).map((choice) => ({ isDefault: false, ...choice }))),
    },
    tickets: {
      findByReference: (/** @type {Context} */ context, /** @type {string} */ reference) =>
        calling(context, (call) => connector.findTickets(call, reference)),
      create: (/** @type {Context} */ context, /** @type {Draft} */ draft) =>
        calling(context, (call) => ({ corrections: [], ...connector.create(call, draft) })),
      get: (/** @type {Context} */ context, /** @type {string} */ id) => calling(context, (call) => connector.get(call, id)),
      close: (/** @type {Context} */ context, /** @type {string} */ id, /** @type {string} */ reason) =>
        calling(context, (call) => connector.close(call, id, reason)),
    },
    notes: {
      add: (/** @type {Context} */ context, /** @type {import('./types.js').Ticket} */ ticket, /** @type {import('./types.js').Note} */ note) =>
        calling(context, (call) =>
          connector.addNote(call, ticket, { ...note, attachments: note.attachments.map(fromAttachment) })),
      attach: (/** @type {Context} */ context, /** @type {import('./types.js').Ticket} */ ticket, /** @type {string | undefined} */ note, /** @type {import('./types.js').Attachment} */ attachment) =>
        calling(context, (call) => connector.attach(call, ticket, note, fromAttachment(attachment))),
      findByReference: (/** @type {Context} */ context, /** @type {import('./types.js').Ticket} */ ticket, /** @type {string} */ reference) =>
        calling(context, (call) => connector.findNotes(call, ticket, reference)),
    },
    dispatcher: {
      variables: () => connector.variables().map((variable) => ({ choices: [], live: false, ...variable })),
      apply: (/** @type {Context} */ context, /** @type {Draft} */ draft, /** @type {import('./types.js').Pairs} */ assignments) =>
        calling(context, (call) => connector.apply(call, draft, assignments)),
    },
    ...(checks && examine && {
      doctor: {
        checks: (/** @type {Context} */ context) => checks(new Call(context, host)),
        examine: (/** @type {Context} */ context, /** @type {string} */ check) =>
          calling(context, (call) => examine(call, check).map((finding) => ({ why: '', cure: [], ...finding }))),
      },
    }),
    ...(verifyAndParse && {
      webhooks: {
        keyUrl: (/** @type {Context} */ context, /** @type {import('./types.js').Delivery} */ delivery) =>
          calling(context, (call) => connector.keyUrl?.(call, delivery)),
        verifyAndParse: (/** @type {Context} */ context, /** @type {import('./types.js').Delivery} */ delivery, /** @type {string | undefined} */ secret, /** @type {Uint8Array | undefined} */ key) =>
          calling(context, (call) => verifyAndParse(call, delivery, secret, key)),
      },
    }),
    ...(changesSince && {
      poller: {
        changesSince: (/** @type {Context} */ context, /** @type {string | undefined} */ cursor) =>
          calling(context, (call) => ({ more: false, ...changesSince(call, cursor) })),
      },
    }),
  };
}

/** @param {import('./types.js').Contact} contact */
function toContact(contact) {
  return { extra: [], ...contact };
}

/**
 * Sizes are numbers here and 64 bits wide in the contract.
 * @param {import('./types.js').Attachment} attachment
 */
function fromAttachment(attachment) {
  return { ...attachment, size: Number(attachment.size) };
}

/**
 * @param {Description} description
 * @param {string} version
 */
function toDescription(description, version) {
  const { settings = [], secrets = [], authRequests = [], capabilities = [], extra = [], limits, lookup } = description;
  return {
    ...description,
    version: description.version ?? version,
    settings: settings.map((setting) => ({
      kind: 'text', choices: [], example: '', ...setting, required: setting.required ?? setting.default === undefined,
    })),
    secrets,
    origins: description.origins.map(({ name, source }) => ({ name, source: toSource(source) })),
    requests: description.requests.map(toRequest),
    authRequests: authRequests.map(toRequest),
    capabilities,
    limits: {
      summaryChars: limits.summaryChars,
      attachmentBytes: BigInt(limits.attachmentBytes),
      noteBytes: BigInt(limits.noteBytes),
    },
    lookup: typeof lookup === 'string' ? { tag: lookup } : { tag: 'eventual', val: lookup.eventual },
    extra,
  };
}

/** @param {import('./types.js').OriginSource} source */
function toSource(source) {
  if ('fixed' in source) return { tag: 'fixed', val: source.fixed };
  if ('setting' in source) return { tag: 'setting', val: source.setting };
  if ('settingOrigin' in source) return { tag: 'setting-origin', val: source.settingOrigin };
  return { tag: 'discovered', val: source.discovered };
}

/** @param {import('./types.js').WantedRequest} request */
function toRequest(request) {
  const refusals = (request.refusals ?? []).map((refusal) => (typeof refusal === 'number' ? { status: refusal } : refusal));
  return { ...request, refusals };
}

/** @param {import('./types.js').Authorization} authorization */
function toAuthorization(authorization) {
  return {
    ...authorization,
    placements: authorization.placements.map((placement) => ({
      origin: placement.origin,
      place: 'header' in placement ? { tag: 'header', val: placement.header } : { tag: 'query', val: placement.query },
      value: placement.value,
    })),
  };
}
