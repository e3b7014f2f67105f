// What a Helpbell connector written in JavaScript depends on. The README shows a whole one.

export { defineConnector, applyToFields } from './connector.js';
export { Call, Secrets, valueOf } from './call.js';
export { Desk } from './desk.js';
export { Failure } from './failure.js';
export { Response, address, asBase64 } from './http.js';
export { PickList, Cached, nearest, hash, normalised } from './pick-list.js';
export { escapeHtml, percentEncode, quote, shorten, stripTags } from './text.js';
export * as json from './json.js';
export * as marker from './marker.js';
export * as webhook from './webhook.js';
