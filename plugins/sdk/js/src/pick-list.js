// Lists of names that a PSA keeps: teams, statuses, categories. Fetched rarely, kept in the cache, searched the way
// people write.

/** @typedef {{ id: string, label: string, also?: string, kind?: string }} Entry `also`: another spelling that means it; `kind`: whatever else the connector needs to know. */
/** @typedef {import('./types.js').Call} Call */

/** How many near misses are worth showing. */
export const NEAREST = 3;

/**
 * Seconds for which "not even in the fresh list" is believed. Short, because somebody will create the missing entry as
 * soon as they read the correction; long enough that a wrong default does not cost a request per press.
 */
const MISS_TTL_S = 600;

/** A list in the PSA's order. */
export class PickList {
  /** @param {Entry[]} entries */
  constructor(entries) {
    this.entries = entries;
  }

  /**
   * The entry of this name, else of this id. Case and white space do not count, and neither do blanks around `>` in a
   * path. A name wins over an id, because a list may have an entry named `3`.
   * @param {string} given
   * @returns {Entry | undefined}
   */
  find(given) {
    const wanted = normalised(given);
    if (wanted === '') return undefined;
    const by = (/** @type {(entry: Entry) => string} */ name) =>
      this.entries.find((entry) => normalised(name(entry)) === wanted);
    return by((entry) => entry.label) ?? by((entry) => entry.id) ?? by((entry) => entry.also ?? '');
  }

  /**
   * The labels most like what was given, best first; only those that could be meant.
   * @param {string} given
   */
  nearest(given) {
    return nearest(given, this.entries.map((entry) => entry.label));
  }

  /**
   * The entries as the contract's choices.
   * @param {[field: string, value: string]} [parent]
   * @returns {import('./types.js').Choice[]}
   */
  choices(parent) {
    return this.entries.map(({ id, label }) => ({ id, label, ...(parent ? { parent } : {}) }));
  }
}

/** A list that lives in the cache under `key`. */
export class Cached {
  /**
   * @param {string} key Stable and unique among the connector's keys.
   * @param {number} ttlS Seconds until it is fetched again.
   */
  constructor(key, ttlS) {
    this.key = key;
    this.ttlS = ttlS;
  }

  /**
   * The kept list, else a fresh one.
   * @param {Call} call
   * @param {() => Entry[]} fetch
   * @returns {{ list: PickList, kept: boolean }}
   */
  get(call, fetch) {
    const kept = call.cachedJson(this.key);
    if (Array.isArray(kept)) return { list: new PickList(kept), kept: true };
    return { list: this.#refresh(call, fetch), kept: false };
  }

  /**
   * The list in which `given` was looked for, and the entry if there is one. An entry that the kept list lacks is
   * looked for in a fresh one too, but not more often than every ten minutes.
   * @param {Call} call
   * @param {string} given
   * @param {() => Entry[]} fetch
   * @returns {{ list: PickList, entry: Entry | undefined }}
   */
  lookUp(call, given, fetch) {
    let { list, kept } = this.get(call, fetch);
    let entry = list.find(given);
    if (entry) return { list, entry };
    const miss = `${this.key}/miss/${hash(normalised(given))}`;
    if (call.cachedJson(miss) !== undefined) return { list, entry: undefined };
    if (kept) list = this.#refresh(call, fetch);
    entry = list.find(given);
    if (!entry) call.cacheJson(miss, true, MISS_TTL_S);
    return { list, entry };
  }

  /**
   * Drops the kept list: the PSA refused something that came out of it.
   * @param {Call} call
   */
  forget(call) {
    call.forget(this.key);
  }

  /**
   * @param {Call} call
   * @param {() => Entry[]} fetch
   */
  #refresh(call, fetch) {
    const entries = fetch();
    call.cacheJson(this.key, entries, this.ttlS);
    return new PickList(entries);
  }
}

/**
 * The names most like `given`, best first. A name counts if at most half of it would have to be retyped, or if one
 * contains the other.
 * @param {string} given
 * @param {string[]} names
 */
export function nearest(given, names) {
  const wanted = normalised(given);
  if (wanted === '') return [];
  return [...new Set(names)]
    .flatMap((name) => {
      const candidate = normalised(name);
      const typos = distance([...wanted], [...candidate]);
      const longest = Math.max([...wanted].length, [...candidate].length);
      const contained = candidate !== '' && (candidate.includes(wanted) || wanted.includes(candidate));
      return contained || typos * 2 <= longest ? [{ typos, name }] : [];
    })
    .sort((a, b) => a.typos - b.typos || (a.name < b.name ? -1 : 1))
    .slice(0, NEAREST)
    .map(({ name }) => name);
}

/**
 * Lower case, single blanks, none around `>`.
 * @param {string} text
 */
export function normalised(text) {
  return text.split('>').map((level) => level.trim().split(/\s+/).join(' ')).join('>').toLowerCase();
}

/**
 * 64-bit FNV-1a as 16 hexadecimal digits: a short, stable cache key out of a long or personal text. Not for security;
 * whoever uses it compares what is stored with what was asked.
 * @param {string} text
 */
export function hash(text) {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return hash.toString(16).padStart(16, '0');
}

/**
 * How many characters have to be changed, added, dropped, or swapped with their neighbour.
 * @param {string[]} a
 * @param {string[]} b
 */
export function distance(a, b) {
  /** @type {number[]} */
  let beforeLast = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  const cell = (/** @type {number[]} */ row, /** @type {number} */ index) => row[index] ?? Infinity;
  a.forEach((from, i) => {
    const row = [i + 1];
    b.forEach((to, j) => {
      let least = Math.min(cell(last, j) + (from === to ? 0 : 1), cell(last, j + 1) + 1, cell(row, j) + 1);
      if (i > 0 && j > 0 && a[i - 1] === to && b[j - 1] === from) least = Math.min(least, cell(beforeLast, j - 1) + 1);
      row.push(least);
    });
    [beforeLast, last] = [last, row];
  });
  return cell(last, b.length);
}
