// urql: queries with its cache, mutations, subscriptions over WebSocket and over its own fetch, persisted documents.
import assert from 'node:assert/strict';
import { Client, cacheExchange, fetchExchange, gql, subscriptionExchange } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';
import { createClient as createSocket } from 'graphql-ws';
import WebSocket from 'ws';
import { CHANGES, Inbox, NotingFetch, OPEN, QUEUES, hearsOfATicket, signIn, socketUrl, url } from './desk.mjs';

const authorization = { Authorization: `Bearer ${await signIn()}` };
const fetchOptions = { headers: authorization };

/** Lets every test of a way to subscribe open a ticket by urql and hear of it by urql. */
async function subscribes(client, title) {
  const found = await client.query(QUEUES, {}).toPromise();
  assert.equal(found.error, undefined, String(found.error));
  const queue = found.data.queues.find((each) => each.path === 'Support::1st Level').id;
  const inbox = new Inbox();
  const { unsubscribe } = client.subscription(gql(CHANGES), {}).subscribe(inbox.put);
  const open = async () => {
    const { data, error } = await client.mutation(gql(OPEN), { title, queue }).toPromise();
    assert.equal(error, undefined, String(error));
    return data.ticketCreate.ticket;
  };
  const take = async () => {
    const { data, error } = await inbox.take();
    assert.equal(error, undefined, String(error));
    return data;
  };
  await hearsOfATicket(open, take, title);
  unsubscribe();
}

const socket = createSocket({ url: socketUrl, webSocketImpl: WebSocket, connectionParams: authorization });
const overSocket = new Client({
  url,
  fetchOptions,
  preferGetMethod: false,
  exchanges: [
    cacheExchange,
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: ({ query, variables }) => ({
        subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, sink) }),
      }),
    }),
  ],
});
await subscribes(overSocket, 'Heard by urql over a socket');
assert.equal((await overSocket.query(QUEUES, {}).toPromise()).operation.context.meta.cacheOutcome, 'hit');
const wrong = await overSocket.query('{ nothing }', {}).toPromise();
assert.equal(wrong.error.graphQLErrors[0].extensions.code, 'GRAPHQL_VALIDATION_FAILED');
await socket.dispose();

const overFetch = new Client({ url, fetchOptions, fetchSubscriptions: true, preferGetMethod: false, exchanges: [fetchExchange] });
await subscribes(overFetch, 'Heard by urql over fetch');

const byGet = new Client({ url, fetchOptions, preferGetMethod: 'force', exchanges: [fetchExchange] });
assert.ok((await byGet.query(QUEUES, {}).toPromise()).data.queues.length > 0);

// persisted documents: unknown, sent with their text, known
for (const [method, document] of [
  ['POST', 'query ByPost { viewer { agent { login } } }'],
  ['GET', 'query ByGet { viewer { agent { login } } }'],
]) {
  const noting = new NotingFetch();
  const persisted = new Client({
    url,
    fetchOptions,
    fetch: noting.fetch,
    preferGetMethod: false,
    exchanges: [persistedExchange({ preferGetForPersistedQueries: method === 'GET' && 'force' }), fetchExchange],
  });
  for (let time = 0; time < 2; time += 1) {
    const { data, error } = await persisted.query(document, {}).toPromise();
    assert.equal(error, undefined, String(error));
    assert.equal(data.viewer.agent.login, 'anna');
  }
  assert.deepEqual(noting.notes, [[method, false, true], [method, true, true], [method, false, true]]);
}
