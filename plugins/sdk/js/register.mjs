// Lets a project's tests find the kit by its name, without installing anything:
//
//     node --import PATH/plugins/sdk/js/register.mjs --test

import { register } from 'node:module';

const kit = new URL('./src/', import.meta.url).href;
register(`data:text/javascript,${encodeURIComponent(`
  export function resolve(specifier, context, next) {
    if (specifier === '@helpbell/connector') return { url: '${kit}index.js', shortCircuit: true };
    if (specifier === '@helpbell/connector/testing') return { url: '${kit}testing.js', shortCircuit: true };
    return next(specifier, context);
  }
`)}`);
