// Text that Redmine shows as it is. How it formats text (Textile, Markdown, CommonMark, nothing) is the
// administrator's choice, and its API does not tell.

import { marker } from '@helpbell/connector';

/** Invisible, and ends what would otherwise be a tag, the name of a user or a macro. */
const NOTHING = '\u200b';

/**
 * A block that every formatter leaves alone: Textile for its `<pre>`, Markdown for the indentation after a blank line.
 * CommonMark lets tags through even there, in Markdown a user's name behind an @ would send them mail, and without any
 * formatter macros run everywhere: these are broken by a character that nobody sees.
 * @param {string} text
 */
export function verbatim(text) {
  const inert = text
    .replace(/\r\n?/g, '\n')
    .replace(/<(?=[A-Za-z/!?])/g, `<${NOTHING}`)
    .replace(/\{(?=\{)/g, `{${NOTHING}`)
    .replace(/(^|[^A-Za-z0-9_])@(?=[A-Za-z0-9_])/g, `$1@${NOTHING}`);
  return `<pre>\n\n${inert.trimEnd().split('\n').map((line) => `    ${line}`).join('\n')}\n\n</pre>`;
}

/**
 * Every reference in a text.
 * @param {string} text
 */
export function references(text) {
  return [...text.matchAll(/\[hb:[^\]\s]+\]/g)].flatMap(([found]) => marker.read(found) ?? []);
}
