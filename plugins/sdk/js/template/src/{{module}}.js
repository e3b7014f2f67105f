// The connector for {{title}}.

import { address, defineConnector, Failure, json, marker } from '@helpbell/connector';

export default defineConnector({
  describe: {
    id: '{{name}}',
    name: '{{title}}',
    summary: 'Files tickets in {{title}}.',
    settings: [{ name: 'server', label: 'Server', kind: 'url', help: 'Where {{title}} is.', example: 'https://desk.example.com' }],
    secrets: [{ name: 'api-key', label: 'API key', help: '{{title}} > Settings > API.', example: 'k-123' }],
    origins: [{ name: 'api', source: { setting: 'server' } }],
    requests: [{ origin: 'api', method: 'POST', path: '/tickets', effect: 'effect', refusals: [400], purpose: 'file the ticket' }],
    limits: { summaryChars: 200, attachmentBytes: 0, noteBytes: 0 },
    // How soon a ticket is found again by the reference in it: 'strong' for at once, { eventual: seconds }, or 'none'.
    lookup: 'none',
  },

  authenticate: (call, secrets) => ({
    placements: [{ origin: 'api', header: 'Authorization', value: `Bearer ${secrets.required('api-key')}` }],
  }),

  create(call, draft) {
    const html = draft.bodyHtml + marker.footerHtml(call.reference);
    const answer = call.send({ url: address(call.required('server'), '/tickets'), json: { title: draft.summary, html } });
    if (!answer.ok) {
      throw new Failure('invalid-input', '{{name}}.refused', `{{title}} answered ${answer.status}`)
        .help('Check the required fields under {{title}} > Settings > Tickets.');
    }
    const id = json.id(answer.json("{{title}}'s answer"), 'id');
    if (id === undefined) throw new Failure('internal', '{{name}}.no-id', "{{title}}'s answer names no ticket");
    return { ticket: { id, number: id, url: address(call.required('server'), `/tickets/${id}`) } };
  },
});
