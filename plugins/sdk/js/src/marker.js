// How a press's reference stands in a ticket or a note, and how it is found again. The same as in every other kit:
// a ticket that one connector filed is found by another.
//
// Written as `[hb:REFERENCE]`: the brackets end the reference even where a server strips tags and glues texts
// together. Searched as `hb:REFERENCE`, because brackets are wildcards in the `LIKE` of some databases.

import { escapeHtml } from './text.js';

/** What stands before a reference. */
const PREFIX = 'hb:';

/** Beyond ASCII, every character counts as part of a reference: none ends one. */
const PART_OF_REFERENCE = /[A-Za-z0-9\-_./:\u0080-\uffff]/;

/**
 * What to write: `[hb:REFERENCE]`. Escape it where it becomes HTML.
 * @param {string} reference
 */
export function written(reference) {
  return `[${PREFIX}${reference}]`;
}

/**
 * What to search for: `hb:REFERENCE`.
 * @param {string} reference
 */
export function searched(reference) {
  return `${PREFIX}${reference}`;
}

/**
 * A small grey line with the marker, for the end of an HTML text.
 * @param {string} reference
 */
export function footerHtml(reference) {
  return `<p style="color:#888;font-size:11px">${escapeHtml(written(reference))}</p>`;
}

/**
 * Whether text or HTML carries exactly this reference: `hb:ab` is not found in `[hb:abc]`.
 * @param {string} text
 * @param {string} reference
 */
export function carries(text, reference) {
  if (reference === '') return false;
  const plain = searched(reference);
  const escaped = escapeHtml(plain);
  return carriesWord(text, plain) || (escaped !== plain && carriesWord(text, escaped));
}

/**
 * The reference in a text that is nothing but a marker, such as an attachment's description.
 * @param {string} text
 * @returns {string | undefined}
 */
export function read(text) {
  const found = /^\[hb:([^]+)\]$/.exec(text.trim());
  return found?.[1];
}

/**
 * @param {string} text
 * @param {string} word
 */
function carriesWord(text, word) {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const before = text[at - 1];
    const after = text[at + word.length];
    const inside = (/** @type {string | undefined} */ character) =>
      character !== undefined && PART_OF_REFERENCE.test(character);
    if (!inside(before) && !inside(after)) return true;
  }
  return false;
}
