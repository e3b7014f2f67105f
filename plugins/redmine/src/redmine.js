// The connector for Redmine 5. What a press sends, in order; names, rights and people are remembered:
//
//     GET  /users.json                  findContact (administrators only)
//     POST /issues.json                 create           (the one effect that files)
//     GET  /issues/N.json               addNote: which project is it in now
//     POST /uploads.json                addNote, for each file
//     POST /projects/N/files.json       addNote, for each file
//     PUT  /issues/N.json               addNote
//     GET  /issues/N.json               addNote, reading back

import { address, defineConnector, Failure, json } from '@helpbell/connector';
import { failureOf } from './api.js';
import * as contact from './contact.js';
import { description, SERVER } from './describe.js';
import * as doctor from './doctor.js';
import { variables } from './fields.js';
import * as lists from './lists.js';
import * as notes from './notes.js';
import * as tickets from './tickets.js';

/**
 * Seconds until the key is checked again. Redmine answers reads with a key that it no longer knows as it answers
 * anybody's, so that no refusal would tell.
 */
const CHECKED_AGAIN_S = 10 * 60;

export default defineConnector({
  describe: description,

  authenticate(call, secrets) {
    const key = secrets.required('api-key');
    const header = { 'x-redmine-api-key': key };
    const answer = call.send({ url: address(call.required(SERVER), '/users/current.json'), headers: header });
    if (!answer.ok) throw failureOf(call, answer, 'checking the API access key').without(key);
    const user = answer.isWebPage ? undefined : json.member(answer.json("Redmine's answer"), 'user');
    const login = json.text(user, 'login');
    if (!login) {
      throw new Failure('internal', 'redmine.not-redmine', 'the server does not answer like Redmine').field(SERVER)
        .help('Enter the address under which you open Redmine, with https and the path that comes before /projects.');
    }
    return {
      placements: [{ origin: SERVER, header: 'X-Redmine-API-Key', value: key }],
      expiresInS: CHECKED_AGAIN_S,
      identity: `user ${login}${json.flag(user, 'admin') ? ', administrator' : ''}`,
    };
  },

  findContact: contact.find,
  choices: lists.choices,
  create: tickets.create,
  findTickets: tickets.find,
  get: tickets.state,
  close: tickets.close,
  addNote: notes.add,
  attach: notes.attach,
  findNotes: notes.find,
  variables,
  checks: doctor.checks,
  examine: doctor.examine,
});
