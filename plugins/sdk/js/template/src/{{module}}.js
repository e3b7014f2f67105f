// The connector for {{title}}.
//
// It speaks the API of the practice desk, which `helpbell connector desk` runs. Put your PSA's in its place, one function
// after the other; `helpbell connector test` says what is still kept and what broke.

import { asBase64, defineConnector, Desk, json, marker } from '@helpbell/connector';

const KIND = {
  name: '{{title}}',
  code: '{{name}}',
  cure: 'Paste the address of {{title}} as the browser shows it.',
  words: (answer) => json.text(answer, 'error'),
  cures: {
    auth: 'Make a new key under Settings > API, then run: helpbell key',
    forbidden: 'Let the key write tickets under Settings > API.',
  },
};

const request = (method, path, effect, purpose) => ({ origin: 'api', method, path, effect, purpose });

export default defineConnector({
  describe: {
    id: '{{name}}',
    name: '{{title}}',
    summary: 'Files tickets in {{title}}.',
    settings: [{
      name: 'server', label: 'Server', kind: 'url', required: true, example: 'https://desk.example.com',
      help: 'The address of {{title}} in the browser.',
    }],
    secrets: [{ name: 'api-key', label: 'API key', help: '{{title}} > Settings > API.', example: 'k-123' }],
    origins: [{ name: 'api', source: { setting: 'server' } }],
    requests: [
      request('POST', '/tickets', 'effect', 'file the ticket'),
      request('GET', '/tickets', 'read', "find a press's ticket again"),
      request('GET', '/tickets/{id}', 'read', 'show a ticket as it stands'),
      request('POST', '/tickets/{id}/notes', 'effect', 'add the private note with the report'),
      request('GET', '/tickets/{id}/notes', 'read', 'find the note again'),
    ],
    capabilities: ['html', 'private-notes', 'private-attachments'],
    limits: { summaryChars: 200, attachmentBytes: 10_000_000, noteBytes: 20_000_000 },
    // How soon a ticket is found again by the reference in it: 'strong' for at once, { eventual: seconds }, or 'none'.
    lookup: 'strong',
  },

  authenticate: (call, secrets) => ({
    placements: [{ origin: 'api', header: 'Authorization', value: `Bearer ${secrets.required('api-key')}` }],
  }),

  create(call, draft) {
    const desk = new Desk(call, KIND);
    const { name, email } = draft.person;
    const html = draft.bodyHtml + marker.footerHtml(call.reference);
    const made = desk.post('filing the ticket', '/tickets', { title: draft.summary, html, from: { name, email } });
    return { ticket: ticket(desk, made) };
  },

  findTickets(call, reference) {
    const desk = new Desk(call, KIND);
    const found = desk.get('looking for the ticket', '/tickets', { contains: marker.written(reference) });
    return found.map((each) => ticket(desk, each));
  },

  get(call, id) {
    const desk = new Desk(call, KIND);
    const found = desk.get('reading the ticket', `/tickets/${id}`);
    return {
      ticket: ticket(desk, found),
      summary: found.title,
      status: found.state,
      phase: found.state === 'closed' ? 'closed' : 'open',
      lastPublicNote: found.notes.at(-1)?.html,
    };
  },

  addNote(call, ticket, note) {
    const desk = new Desk(call, KIND);
    const html = note.html + marker.footerHtml(note.reference);
    const body = { html, private: note.private, files: note.attachments.map(file) };
    const made = desk.post('adding the note', `/tickets/${ticket.id}/notes`, body);
    return { id: desk.idOf(made), attachments: note.attachments.map(({ reference }) => reference), confirmed: false };
  },

  findNotes(call, ticket, reference) {
    const notes = new Desk(call, KIND).get('looking for the note', `/tickets/${ticket.id}/notes`);
    return notes.filter(({ html }) => marker.carries(html, reference)).map(added);
  },
});

function ticket(desk, found) {
  const id = desk.idOf(found);
  return { id, number: id, url: desk.address(`/tickets/${id}`) };
}

/** A file, read by the host piece by piece while it is sent. Its description finds it again. */
function file({ name, contentType, reference, blob }) {
  return { name, type: contentType, description: marker.written(reference), base64: asBase64(blob) };
}

function added({ id, files }) {
  const references = files.map(({ description }) => marker.read(description)).filter((reference) => reference !== undefined);
  return { id: String(id), attachments: references, confirmed: true };
}
