// Text that comes from people and servers: escaped, shortened, quoted.

/** Characters of a server's own words that are worth showing to an operator. */
export const QUOTE_CHARS = 300;

/** @type {Record<string, string>} */
const ESCAPED = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;', '\0': '' };

/**
 * Escapes text for HTML content and for attribute values in double or single quotes.
 * @param {string} text
 */
export function escapeHtml(text) {
  // A NUL is not allowed in HTML at all, not even as a reference.
  return text.replace(/[&<>"'\0]/g, (character) => ESCAPED[character] ?? '');
}

/**
 * At most `max` characters (not code units); an ellipsis stands for what was cut off.
 * @param {string} text
 * @param {number} max
 */
export function shorten(text, max) {
  const characters = [...text];
  if (characters.length <= max) return text;
  return `${characters.slice(0, Math.max(0, max - 1)).join('').trimEnd()}…`;
}

/**
 * A server's words on one line, without control characters, at most {@link QUOTE_CHARS} long.
 * @param {string} text
 */
export function quote(text) {
  const words = text.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ').trim().split(/\s+/);
  return shorten(words.join(' '), QUOTE_CHARS);
}

/**
 * Percent-encodes for a query, a form or one segment of a path: everything but RFC 3986's unreserved characters.
 * @param {string} text
 */
export function percentEncode(text) {
  // Half a surrogate pair has no UTF-8; it becomes the character that says so.
  return encodeURIComponent(wellFormed(text)).replace(/[!'()*]/g, (character) =>
    `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

/**
 * The text of HTML without its tags; the few entities that tag-stripping servers leave are resolved. For showing and
 * comparing, never for sanitising.
 * @param {string} html
 */
export function stripTags(html) {
  const plain = html.replace(/<[^>]*(>|$)/g, ' ')
    .replace(/&nbsp;/g, ' ').replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"').replace(/&#39;/g, "'")
    // Last, so that `&amp;lt;` becomes `&lt;` and not `<`.
    .replace(/&amp;/g, '&');
  return plain.trim().split(/\s+/).join(' ');
}

/** @param {string} text */
function wellFormed(text) {
  return text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
}
