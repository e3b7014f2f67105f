// Requests and answers, independent of who carries them.

import { Failure } from './failure.js';
import * as json from './json.js';
import { percentEncode, quote } from './text.js';

/**
 * Bytes of an answer that are read at most. A ticket of a large PSA is about 100 kB and a page of twenty of them 2 MB;
 * parsed, an answer needs some ten times its size of the sandbox's memory.
 */
export const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/** Bytes of a file read at once: within the contract's 1 MiB, and whole groups of base64. */
export const SLICE_BYTES = 1024 * 1024 - 1;

/**
 * A piece of a body: text, bytes, or a file of the host (`attachment.blob`), raw or as base64. Files are read piece by
 * piece while they are sent.
 * @typedef {string | Uint8Array | { blob: number } | { base64: number }} Part
 */

/**
 * A field of a `multipart/form-data` body: a value, or a file.
 * @typedef {{ name: string, value: string } | { name: string, filename: string, contentType: string, content: Part }} FormPart
 */

/**
 * A request. At most one of `json`, `form`, `multipart` and `body` is given; the first three set the content type.
 * `authorization`, `cookie` and `host` belong to the host of the sandbox.
 * @typedef {object} Request
 * @property {'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} [method] GET unless there is a body, then POST.
 * @property {string} url
 * @property {Record<string, string | number | undefined>} [query] Members that are undefined are left out.
 * @property {Record<string, string>} [headers]
 * @property {unknown} [json] Files may stand in it as {@link asBase64}.
 * @property {Record<string, string>} [form] `application/x-www-form-urlencoded`
 * @property {FormPart[]} [multipart]
 * @property {Part | Part[]} [body]
 */

/** @typedef {{ method: string, https: boolean, authority: string, path: string, headers: [string, string][], body: Part[] }} Prepared A request as hosts take it; `path` has its query. */
/** @typedef {{ status: number, headers: [string, string][], body: Uint8Array }} RawResponse Header names in lower case. */

/** An answer of any status. */
export class Response {
  /** @param {RawResponse} raw */
  constructor(raw) {
    this.status = raw.status;
    this.headers = raw.headers;
    this.body = raw.body;
  }

  /** 200 to 299. */
  get ok() {
    return this.status >= 200 && this.status < 300;
  }

  /**
   * The first header of this name.
   * @param {string} name
   */
  header(name) {
    const wanted = name.toLowerCase();
    return this.headers.find(([key]) => key === wanted)?.[1];
  }

  text() {
    return new TextDecoder().decode(this.body);
  }

  /**
   * The body as JSON. `whose` names it for the operator: `My Desk's answer`.
   * @param {string} whose
   */
  json(whose) {
    return json.parse(this.body, whose);
  }

  /** Whether this is a web page and not an API's answer. */
  get isWebPage() {
    const kind = this.header('content-type') ?? '';
    return /^\s*text\/html/i.test(kind) || (/^\s*</.test(this.text().slice(0, 100)) && !kind.includes('xml'));
  }

  /** What stands in a web page's `<title>`. */
  get pageTitle() {
    const title = /<title[^>]*>([^]*?)<\/title/i.exec(this.text())?.[1];
    return title === undefined || title.trim() === '' ? undefined : quote(title);
  }

  /**
   * How long the server wants to be left alone, in milliseconds: `Retry-After` as seconds or as a date (RFC 9110).
   * @param {number} nowUnix seconds since 1970
   */
  retryAfterMs(nowUnix) {
    const value = this.header('retry-after')?.trim();
    if (value === undefined || value === '') return undefined;
    if (/^\d+$/.test(value)) return Number(value) * 1000;
    const date = Date.parse(value);
    return Number.isNaN(date) ? undefined : Math.max(0, date - nowUnix * 1000);
  }
}

/**
 * A complete address: a base as an operator pastes it, with or without a slash at its end, a path that begins with one,
 * and a query.
 * @param {string} base
 * @param {string} [path]
 * @param {Record<string, string | number | undefined>} [query]
 */
export function address(base, path = '', query = {}) {
  const url = base.trim().replace(/\/+$/, '') + path;
  const encoded = pairs(query);
  return encoded === '' ? url : `${url}${url.includes('?') ? '&' : '?'}${encoded}`;
}

/**
 * The request as hosts take it.
 * @param {Request} request
 * @param {() => string} random for the boundary of a multipart body
 * @returns {Prepared}
 */
export function prepare(request, random) {
  const url = address(request.url, '', request.query);
  const parts = /^(https?):\/\/([^/?#]+)([^#]*)/i.exec(request.query ? url : request.url);
  if (!parts) {
    throw new Failure('invalid-input', 'http.address', `${quote(request.url)} is not an http or https address`);
  }
  const [, scheme = '', authority = '', tail = ''] = parts;
  const headers = Object.entries(request.headers ?? {}).map(([name, value]) =>
    /** @type {[string, string]} */ ([name.toLowerCase(), value]));
  const { type, body } = bodyOf(request, random);
  if (type !== undefined && !headers.some(([name]) => name === 'content-type')) headers.push(['content-type', type]);
  return {
    method: request.method ?? (body.length > 0 ? 'POST' : 'GET'),
    https: scheme.toLowerCase() === 'https',
    authority,
    path: tail.startsWith('/') ? tail : `/${tail}`,
    headers,
    body,
  };
}

/** A file of the host within JSON; see {@link asBase64}. */
class Base64 {
  /** @param {number} blob */
  constructor(blob) {
    this.blob = blob;
  }
}

/**
 * A file of the host (`attachment.blob`) as base64 text within the JSON of a request, read piece by piece while it is
 * sent.
 * @param {number} blob
 */
export const asBase64 = (blob) => new Base64(blob);

/**
 * @param {unknown} value
 * @param {() => string} random
 * @returns {Part[]}
 */
function jsonParts(value, random) {
  // Nobody can guess it beforehand, so that no text holds it.
  const mark = `helpbell-${random()}-`;
  /** @type {number[]} */
  const files = [];
  const text = JSON.stringify(value, (_, member) => (member instanceof Base64 ? (files.push(member.blob), mark) : member));
  return text.split(mark).flatMap((piece, index) => {
    const file = files[index];
    return file === undefined ? [piece] : [piece, { base64: file }];
  });
}

/**
 * @param {Request} request
 * @param {() => string} random
 * @returns {{ type?: string, body: Part[] }}
 */
function bodyOf(request, random) {
  if (request.json !== undefined) return { type: 'application/json', body: jsonParts(request.json, random) };
  if (request.form) return { type: 'application/x-www-form-urlencoded', body: [pairs(request.form)] };
  if (request.multipart) {
    const boundary = `helpbell-${random()}`;
    const body = request.multipart.flatMap((part) => formPart(part, boundary));
    return { type: `multipart/form-data; boundary=${boundary}`, body: [...body, `--${boundary}--\r\n`] };
  }
  if (request.body === undefined) return { body: [] };
  return { body: Array.isArray(request.body) ? request.body : [request.body] };
}

/**
 * @param {FormPart} part
 * @param {string} boundary
 * @returns {Part[]}
 */
function formPart(part, boundary) {
  // As browsers do: a quotation mark or a line break would end the name.
  const plain = (/** @type {string} */ text) =>
    text.replace(/\r/g, '%0D').replace(/\n/g, '%0A').replace(/"/g, '%22');
  const begin = `--${boundary}\r\ncontent-disposition: form-data; name="${plain(part.name)}"`;
  if ('value' in part) return [`${begin}\r\n\r\n${part.value}\r\n`];
  const type = part.contentType.replace(/[\r\n]/g, ' ');
  return [`${begin}; filename="${plain(part.filename)}"\r\ncontent-type: ${type}\r\n\r\n`, part.content, '\r\n'];
}

/**
 * The bytes of a part, in pieces.
 * @param {import('./types.js').Host} host
 * @param {Part} part
 * @returns {Generator<Uint8Array>}
 */
export function* pieces(host, part) {
  if (typeof part === 'string') yield new TextEncoder().encode(part);
  else if (part instanceof Uint8Array) yield part;
  else if ('blob' in part) yield* slices(host, part.blob);
  else yield* base64Slices(host, part.base64);
}

/**
 * @param {import('./types.js').Host} host
 * @param {number} blob
 */
function* slices(host, blob) {
  for (let offset = 0; ;) {
    const slice = host.readBlob(blob, offset, SLICE_BYTES);
    if (slice.length === 0) return;
    offset += slice.length;
    yield slice;
  }
}

/**
 * @param {import('./types.js').Host} host
 * @param {number} blob
 */
function* base64Slices(host, blob) {
  let pending = new Uint8Array();
  for (const slice of slices(host, blob)) {
    // A host may give fewer bytes than asked for before the end, too.
    const all = new Uint8Array(pending.length + slice.length);
    all.set(pending);
    all.set(slice, pending.length);
    const whole = all.length - (all.length % 3);
    yield base64(all.subarray(0, whole));
    pending = all.slice(whole);
  }
  if (pending.length > 0) yield base64(pending);
}

const BASE64 = new TextEncoder().encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
const PADDING = 0x3d;

/**
 * Base64 with padding (RFC 4648), as ASCII bytes.
 * @param {Uint8Array} bytes
 */
export function base64(bytes) {
  const out = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
  const sign = (/** @type {number} */ value) => BASE64[value & 63] ?? 0;
  for (let from = 0, to = 0; from < bytes.length; from += 3, to += 4) {
    const [a = 0, b, c] = [bytes[from], bytes[from + 1], bytes[from + 2]];
    out[to] = sign(a >> 2);
    out[to + 1] = sign((a << 4) | ((b ?? 0) >> 4));
    out[to + 2] = b === undefined ? PADDING : sign((b << 2) | ((c ?? 0) >> 6));
    out[to + 3] = c === undefined ? PADDING : sign(c);
  }
  return out;
}

/** @param {Record<string, string | number | undefined>} members */
function pairs(members) {
  return Object.entries(members)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${percentEncode(name)}=${percentEncode(String(value))}`]))
    .join('&');
}
