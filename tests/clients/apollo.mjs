// Apollo Client: queries with its normalised cache, mutations, subscriptions over WebSocket and over HTTP in parts,
// persisted documents.
import assert from 'node:assert/strict';
import { ApolloClient, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { CombinedGraphQLErrors } from '@apollo/client/errors';
import { ApolloLink } from '@apollo/client/link';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { createClient as createSocket } from 'graphql-ws';
import WebSocket from 'ws';
import { OperationTypeNode } from 'graphql';
import { CHANGES, Inbox, NotingFetch, OPEN, QUEUES, hearsOfATicket, sha256, signIn, socketUrl, url } from './desk.mjs';

const headers = { Authorization: `Bearer ${await signIn()}` };

const clientOf = (link) => new ApolloClient({ cache: new InMemoryCache(), link, devtools: { enabled: false } });

async function subscribes(client, title) {
  const { data } = await client.query({ query: gql(QUEUES) });
  const queue = data.queues.find((each) => each.path === 'Support::1st Level').id;
  const inbox = new Inbox();
  const subscription = client.subscribe({ query: gql(CHANGES) }).subscribe({ next: inbox.put, error: inbox.put });
  const open = async () => {
    const { data } = await client.mutate({ mutation: gql(OPEN), variables: { title, queue } });
    return data.ticketCreate.ticket;
  };
  const take = async () => {
    const { data, error } = await inbox.take();
    assert.equal(error, undefined, String(error));
    return data;
  };
  await hearsOfATicket(open, take, title);
  subscription.unsubscribe();
}

const socket = createSocket({ url: socketUrl, webSocketImpl: WebSocket, connectionParams: headers });
const overSocket = clientOf(
  ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    new GraphQLWsLink(socket),
    new HttpLink({ uri: url, headers }),
  ),
);
await subscribes(overSocket, 'Heard by Apollo over a socket');

// one object is one entry of the cache, whichever query brought it
const QUEUE = gql('query ($id: ID!) { queue(id: $id) { id path viewerCan { rw } } }');
const { data: first } = await overSocket.query({ query: gql(QUEUES) });
const [{ id, path }] = first.queues;
const { data: again } = await overSocket.query({ query: QUEUE, variables: { id } });
assert.deepEqual([again.queue.id, again.queue.path], [id, path]);
const cached = overSocket.cache.extract();
assert.equal(cached[`Queue:${id}`].viewerCan.rw, true);

await assert.rejects(overSocket.query({ query: gql('{ nothing }') }), (failure) => {
  assert.ok(CombinedGraphQLErrors.is(failure), String(failure));
  assert.equal(failure.errors[0].extensions.code, 'GRAPHQL_VALIDATION_FAILED');
  return true;
});
await socket.dispose();
overSocket.stop();

const overParts = clientOf(new HttpLink({ uri: url, headers }));
await subscribes(overParts, 'Heard by Apollo in parts');
const refused = await new Promise((error) => {
  overParts.subscribe({ query: gql('subscription { nothing }') }).subscribe({ next: error, error });
});
assert.equal(refused.error.errors[0].extensions.code, 'GRAPHQL_VALIDATION_FAILED');
overParts.stop();

// persisted documents: unknown, sent with their text, known
for (const [method, document] of [
  ['POST', 'query ByPost { viewer { agent { name } } }'],
  ['GET', 'query ByGet { viewer { agent { name } } }'],
]) {
  const noting = new NotingFetch();
  const link = new PersistedQueryLink({ sha256, useGETForHashedQueries: method === 'GET' });
  const persisted = clientOf(link.concat(new HttpLink({ uri: url, headers, fetch: noting.fetch })));
  for (let time = 0; time < 2; time += 1) {
    const { data } = await persisted.query({ query: gql(document), fetchPolicy: 'network-only' });
    assert.equal(data.viewer.agent.name, 'Anna Abel');
  }
  assert.deepEqual(noting.notes, [[method, false, true], ['POST', true, true], [method, false, true]]);
  persisted.stop();
}
