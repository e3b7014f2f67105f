// The nouns of the contract (`wit/psa`), as connectors written in JavaScript see them: camel case, plain numbers,
// `undefined` for what is absent, and pairs of strings where the contract may grow. `wit/psa` says what each means.

/** @typedef {'auth' | 'forbidden' | 'invalid-input' | 'not-found' | 'conflict' | 'rate-limited' | 'unavailable' | 'timeout' | 'unsupported' | 'internal'} FailureKind */
/** @typedef {'debug' | 'info' | 'warn'} LogLevel */
/** @typedef {[name: string, value: string][]} Pairs */

/** @typedef {{ name: string, label: string, help: string, kind?: 'text' | 'url' | 'email' | 'integer' | 'boolean' | 'choice', choices?: Pairs, required?: boolean, default?: string, example?: string }} Setting A setting is required unless it says otherwise or has a default; its kind is `text`. */
/** @typedef {{ name: string, label: string, help: string, example: string }} Secret */
/** @typedef {{ fixed: string } | { setting: string } | { settingOrigin: string } | { discovered: string[] }} OriginSource */
/** @typedef {{ name: string, source: OriginSource }} Origin */
/** @typedef {number | { status: number, member?: string }} Refusal A status that proves that an effect did not happen. */
/** @typedef {{ origin: string, method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, effect: 'read' | 'effect', refusals?: Refusal[], purpose: string }} WantedRequest */
/** @typedef {'strong' | 'none' | { eventual: number }} Lookup */
/** @typedef {{ summaryChars: number, attachmentBytes: number, noteBytes: number }} Limits */
/** @typedef {{ id: string, name: string, version?: string, summary: string, settings?: Setting[], secrets?: Secret[], origins: Origin[], requests: WantedRequest[], authRequests?: WantedRequest[], capabilities?: string[], limits: Limits, lookup: Lookup, extra?: Pairs }} Description The version is that of `package.json` unless it says otherwise. */

/** @typedef {{ origin: string, header: string, value: string } | { origin: string, query: string, value: string }} Placement */
/** @typedef {{ placements: Placement[], endpoint?: string, expiresInS?: number, identity?: string }} Authorization */

/** @typedef {{ settings: Pairs, endpoint?: string, reference: string, locale: string, deadlineMs: bigint | number }} Context */
/** @typedef {{ name: string, email: string, phone?: string, company?: string }} Person */
/** @typedef {{ id: string, name: string, email?: string, organisation?: [id: string, name: string], site?: [id: string, name: string], extra?: Pairs }} Contact */
/** @typedef {{ contact: Contact, matchedBy: string }} FoundContact */
/** @typedef {{ hostname: string, macs: string[], serial?: string, ip?: string, os: string, user?: string }} DeviceFacts */
/** @typedef {{ id: string, name: string, matchedBy: string, extra?: Pairs }} Device */
/** @typedef {{ blob: number, name: string, contentType: string, size: number, reference: string }} Attachment */
/** @typedef {{ summary: string, bodyHtml: string, bodyText: string, person: Person, contact?: Contact, device?: Device, facts: DeviceFacts, fields: Pairs }} Draft */
/** @typedef {{ id: string, number: string, url?: string }} Ticket */
/** @typedef {{ field: string, given: string, used?: string, reason: string, nearest: string[] }} Correction */
/** @typedef {{ ticket: Ticket, corrections?: Correction[] }} Created */
/** @typedef {{ ticket: Ticket, summary: string, status: string, phase: 'open' | 'waiting' | 'closed', agent?: string, lastPublicNote?: string, updated?: string }} TicketState */
/** @typedef {{ id: string, label: string, parent?: [field: string, value: string], isDefault?: boolean }} Choice */
/** @typedef {{ private: boolean, html: string, text: string, attachments: Attachment[], reference: string }} Note */
/** @typedef {{ id: string, attachments: string[], confirmed: boolean }} AddedNote */
/** @typedef {{ name: string, access: 'read' | 'read-write', kind: 'text' | 'integer' | 'list', meaning: string, choices?: string[], live?: boolean }} Variable */
/** @typedef {{ draft: Draft, corrections: Correction[] }} Applied */
/** @typedef {{ id: string, title: string }} Check */
/** @typedef {{ severity: 'ok' | 'note' | 'warning' | 'problem', summary: string, why?: string, cure?: string[], suggestion?: [setting: string, value: string], guide?: string }} Finding */
/** @typedef {{ method: string, path: string, query: Pairs, headers: Pairs, body: Uint8Array }} Delivery */
/** @typedef {{ ticketIds: string[], reply?: { status: number, contentType: string, body: string } }} Hook */
/** @typedef {{ ticketIds: string[], cursor: string, more?: boolean }} Changes */

/** @typedef {import('./call.js').Call} Call */
/** @typedef {import('./call.js').Secrets} Secrets */

/**
 * Everything outside a connector: the sandbox's host, or a test's. Functions of a connector never name it; they use
 * their `Call`.
 * @typedef {object} Host
 * @property {(request: import('./http.js').Prepared) => import('./http.js').RawResponse} send Any status is an answer; a thrown `Failure` means that there was none.
 * @property {(key: string) => Uint8Array | undefined} cacheGet
 * @property {(key: string, value: Uint8Array, ttlS: number) => void} cachePut
 * @property {(blob: number, offset: number, length: number) => Uint8Array} readBlob At most 1 MiB at a time; empty behind the end.
 * @property {(level: LogLevel, message: string) => void} log
 * @property {(milliseconds: number) => void} pause
 * @property {() => number} nowUnix Seconds since 1970, UTC.
 * @property {() => string} random 32 hexadecimal digits that nobody can guess.
 */

/**
 * What an author writes: three functions are required, the others say "this PSA has no such function" unless they are
 * there. The last three pairs are optional worlds of the contract, exported only where they are implemented.
 * @typedef {object} Definition
 * @property {Description | (() => Description)} describe What it is and what it wants.
 * @property {(call: Call, secrets: Secrets) => Authorization} authenticate Turns the operator's secrets into what requests carry.
 * @property {(call: Call, draft: Draft) => Created} create Files the ticket with one request that has an effect, `call.reference` in it.
 * @property {(call: Call, person: Person) => FoundContact | undefined} [findContact]
 * @property {(call: Call, contact: Contact | undefined, facts: DeviceFacts) => Device | undefined} [findDevice]
 * @property {(call: Call, field: string, parents: Pairs) => Choice[]} [choices]
 * @property {(call: Call, reference: string) => Ticket[]} [findTickets] Tickets that carry exactly this reference.
 * @property {(call: Call, id: string) => TicketState} [get]
 * @property {(call: Call, id: string, reason: string) => void} [close]
 * @property {(call: Call, ticket: Ticket, note: Note) => AddedNote} [addNote]
 * @property {(call: Call, ticket: Ticket, note: string | undefined, attachment: Attachment) => string} [attach]
 * @property {(call: Call, ticket: Ticket, reference: string) => AddedNote[]} [findNotes]
 * @property {Variable[] | (() => Variable[])} [variables] What dispatcher rules may read and write, besides the common variables.
 * @property {(call: Call, draft: Draft, assignments: Pairs) => Applied} [apply] The default knows `subject` and `variables`.
 * @property {(call: Call) => Check[]} [checks] World `examiner`, together with `examine`.
 * @property {(call: Call, check: string) => Finding[]} [examine]
 * @property {(call: Call, delivery: Delivery, secret: string | undefined, key: Uint8Array | undefined) => Hook} [verifyAndParse] World `webhook-receiver`.
 * @property {(call: Call, delivery: Delivery) => string | undefined} [keyUrl]
 * @property {(call: Call, cursor: string | undefined) => Changes} [changesSince] World `change-poller`.
 */

export {};
