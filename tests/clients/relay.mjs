// Relay's runtime with what relay-compiler made: pages of a connection, refetching, updating, listening.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createClient } from 'graphql-ws';
import relay from 'relay-runtime';
import WebSocket from 'ws';
import { Inbox, OPEN, QUEUES, ask, signIn, socketUrl } from './desk.mjs';

const { ConnectionHandler, Environment, Network, Observable, RecordSource, Store } = relay;
const { commitMutation, createOperationDescriptor, fetchQuery, getSelector, requestSubscription } = relay;

const folder = process.argv[3];
const load = createRequire(`${folder}/`);
const artifacts = Object.fromEntries(
  readdirSync(folder).map((file) => [file.replace('.graphql.js', ''), load(`./${file}`)]),
);

const token = await signIn();
const socket = createClient({
  url: socketUrl,
  webSocketImpl: WebSocket,
  connectionParams: { Authorization: `Bearer ${token}` },
});
const environment = new Environment({
  store: new Store(new RecordSource()),
  network: Network.create(
    async ({ text }, variables) => ({ data: await ask(text, variables, token) }),
    ({ name, text }, variables) =>
      Observable.create((sink) => socket.subscribe({ operationName: name, query: text, variables }, sink)),
  ),
});

/** Reads what a fragment sees in the store, as a component would. */
const read = (fragment, reference) => environment.lookup(getSelector(artifacts[fragment], reference)).data;

const { queues } = await ask(QUEUES, {}, token);
const queue = queues.find((each) => each.path === 'Support::1st Level').id;
const titles = ['One', 'Two', 'Three'];
for (const title of titles) await ask(OPEN, { title, queue }, token);

// a page, then the next into the same connection
const query = artifacts.ticketsListQuery;
await fetchQuery(environment, query, { count: 2 }).toPromise();
const root = environment.lookup(createOperationDescriptor(query, { count: 2 }).fragment).data;
const shown = () => read('tickets_list', root).tickets;
assert.deepEqual(shown().edges.map(({ node }) => node.title), ['One', 'Two']);
assert.equal(shown().pageInfo.hasNextPage, true);
await fetchQuery(environment, artifacts.ticketsPageQuery, { count: 2, after: shown().pageInfo.endCursor }).toPromise();
assert.deepEqual(shown().edges.map(({ node }) => node.title), titles);
assert.equal(shown().pageInfo.hasNextPage, false);

// one object anew by its id, with a connection of its own
const first = shown().edges[0].node;
await fetchQuery(environment, artifacts.ticketsArticlesQuery, { id: first.id, count: 1 }).toPromise();
const details = read('tickets_ticket', first);
assert.equal(details.queue.path, 'Support::1st Level');
assert.deepEqual(details.articles.edges.map(({ node }) => node.body), ['It flickers.']);

// a stream and writes change what the list shows
const news = new Inbox();
const subscription = requestSubscription(environment, {
  subscription: artifacts.ticketsChangesSubscription,
  variables: {},
  onNext: news.put,
  onError: (error) => assert.fail(JSON.stringify(error)),
});
let heard = (await news.take()).ticketChanges;
while (heard.hasMore) heard = (await news.take()).ticketChanges;
await ask('mutation ($id: ID!) { ticketUpdate(id: $id, input: { title: "Heard" }) { ticket { id } } }', { id: first.id }, token);
await news.take();
assert.equal(shown().edges[0].node.title, 'Heard');
subscription.dispose();

const commit = (mutation, variables) =>
  new Promise((onCompleted, onError) =>
    commitMutation(environment, { mutation: artifacts[mutation], variables, onCompleted, onError }),
  );
await commit('ticketsRenameMutation', { id: first.id, title: 'Renamed' });
assert.equal(shown().edges[0].node.title, 'Renamed');
const connections = [ConnectionHandler.getConnectionID('client:root', 'tickets_list_tickets', { orderBy: [{ field: 'NUMBER', direction: 'ASC' }] })];
const input = { title: 'Four', queueId: queue, article: { channel: 'note', body: 'It hums.' } };
await commit('ticketsOpenMutation', { input, connections });
assert.deepEqual(shown().edges.map(({ node }) => node.title), ['Renamed', 'Two', 'Three', 'Four']);
await socket.dispose();
