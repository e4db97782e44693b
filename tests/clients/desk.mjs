// What every program here needs: where the server is, a token for it, and how to wait for something from a stream.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';

export const url = `${process.argv[2]}/graphql`;
export const socketUrl = url.replace(/^http/, 'ws');

const SIGN_IN = `mutation ($login: String!) {
  sessionCreate(login: $login, password: "tessera-demo") { accessToken userErrors { message } }
}`;

export const QUEUES = 'query Queues { queues { id path } }';

export const OPEN = `mutation Open($title: String!, $queue: ID!) {
  ticketCreate(input: { title: $title, queueId: $queue, article: { channel: "note", body: "It flickers." } }) {
    ticket { id number title }
    userErrors { message }
  }
}`;

export const CHANGES = `subscription Changes {
  ticketChanges { upserts { id title } removedIds hasMore cursor }
}`;

/** Sends one operation with nothing but fetch; returns its data. */
export async function ask(query, variables = {}, token = undefined) {
  const headers = { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
  const { data, errors } = await response.json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data;
}

/** Signs an agent in; returns the access token. */
export async function signIn(login = 'anna') {
  const { sessionCreate } = await ask(SIGN_IN, { login });
  assert.ok(sessionCreate.accessToken, JSON.stringify(sessionCreate.userErrors));
  return sessionCreate.accessToken;
}

export const sha256 = (text) => createHash('sha256').update(text).digest('hex');

/** A fetch that notes what was sent: the method, and whether the document's text and its hash were in it. */
export class NotingFetch {
  notes = [];

  fetch = (address, options) => {
    const asked = new URL(address).searchParams;
    const sent = options.body ? JSON.parse(options.body) : Object.fromEntries(asked);
    this.notes.push([options.method, 'query' in sent, 'extensions' in sent]);
    return fetch(address, options);
  };
}

/** Keeps what a callback is given until somebody takes it, in order. */
export class Inbox {
  #kept = [];
  #waiting = [];

  put = (value) => (this.#waiting.length ? this.#waiting.shift()(value) : this.#kept.push(value));

  take() {
    return this.#kept.length ? Promise.resolve(this.#kept.shift()) : new Promise((taken) => this.#waiting.push(taken));
  }
}

/**
 * Hears a subscription to `CHANGES` tell the present, then opens a ticket, then hears of it; `open` opens a ticket by
 * the client's own means, `take` gives the subscription's next data.
 */
export async function hearsOfATicket(open, take, title) {
  let page = (await take()).ticketChanges;
  while (page.hasMore) page = (await take()).ticketChanges;
  const opened = await open(title);
  const news = (await take()).ticketChanges;
  assert.deepEqual(news.upserts.map((ticket) => [ticket.id, ticket.title]), [[opened.id, title]]);
  assert.notEqual(news.cursor, page.cursor);
}
