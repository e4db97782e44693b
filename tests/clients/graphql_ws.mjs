// graphql-ws: operations of every kind on one socket, and a credential that is worth nothing.
import assert from 'node:assert/strict';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { CHANGES, OPEN, QUEUES, hearsOfATicket, sha256, signIn, socketUrl } from './desk.mjs';

const open = (connectionParams) =>
  createClient({ url: socketUrl, webSocketImpl: WebSocket, connectionParams, retryAttempts: 0 });

const token = await signIn();
const client = open({ Authorization: `Bearer ${token}` });

async function one(query, variables, extensions) {
  const results = [];
  for await (const result of client.iterate({ query, variables, extensions })) results.push(result);
  assert.equal(results.length, 1);
  assert.equal(results[0].errors, undefined, JSON.stringify(results[0]));
  return results[0].data;
}

const [{ queues }, { viewer }] = await Promise.all([one(QUEUES), one('{ viewer { agent { login } } }')]);
assert.equal(viewer.agent.login, 'anna');
const queue = queues.find((each) => each.path === 'Support::1st Level').id;

const changes = client.iterate({ query: CHANGES });
await hearsOfATicket(
  async (title) => (await one(OPEN, { title, queue })).ticketCreate.ticket,
  async () => (await changes.next()).value.data,
  'Heard by graphql-ws',
);
await changes.return();

await assert.rejects(one('{ nothing }'), (errors) => errors[0].extensions.code === 'GRAPHQL_VALIDATION_FAILED');
assert.equal((await one('{ viewer { agent { name } } }')).viewer.agent.name, 'Anna Abel');

// a persisted document: unknown, sent with its text, known; the library wants a text always, if only an empty one
const NAME = 'query Name { viewer { agent { name } } }';
const hash = { persistedQuery: { version: 1, sha256Hash: sha256(NAME) } };
await assert.rejects(one('', {}, hash), (errors) => errors[0].extensions.code === 'PERSISTED_QUERY_NOT_FOUND');
for (const text of [NAME, '']) assert.equal((await one(text, {}, hash)).viewer.agent.name, 'Anna Abel');
await client.dispose();

const stranger = open({ Authorization: 'Bearer worthless' });
await assert.rejects(stranger.iterate({ query: '{ viewer { permissions } }' }).next(), (close) => close.code === 4403);
