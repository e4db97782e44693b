// graphql-sse, distinct connections mode: operations of every kind, and a refusal.
import assert from 'node:assert/strict';
import { createClient } from 'graphql-sse';
import { CHANGES, OPEN, QUEUES, hearsOfATicket, signIn, url } from './desk.mjs';

const token = await signIn();
const client = createClient({ url, headers: { Authorization: `Bearer ${token}` }, retryAttempts: 0 });

async function one(query, variables) {
  const results = [];
  for await (const result of client.iterate({ query, variables })) results.push(result);
  assert.equal(results.length, 1);
  return results[0];
}

const queue = (await one(QUEUES)).data.queues.find((each) => each.path === 'Support::1st Level').id;
const changes = client.iterate({ query: CHANGES });
await hearsOfATicket(
  async (title) => (await one(OPEN, { title, queue })).data.ticketCreate.ticket,
  async () => (await changes.next()).value.data,
  'Heard by graphql-sse',
);
await changes.return();
assert.equal((await one('{ nothing }')).errors[0].extensions.code, 'GRAPHQL_VALIDATION_FAILED');
client.dispose();

const stranger = createClient({ url, headers: { Authorization: 'Bearer worthless' }, retryAttempts: 0 });
await assert.rejects(stranger.iterate({ query: '{ viewer { permissions } }' }).next(), (failure) => {
  assert.equal(failure.response.status, 401);
  return true;
});
