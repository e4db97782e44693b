// A page of another origin tries, in a real browser where anna is signed in, everything a page can do to write here.
// Its origin differs by the port alone, so that the browser sends the session's cookie along with all of it.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { chromium } from 'playwright-core';
import { ask, signIn, socketUrl, url } from './desk.mjs';

const WRITE = 'mutation { groupCreate(input: { name: "evil" }) { group { id } userErrors { message } } }';
const GROUPS = '{ groups { name } }';

const elsewhere = createServer((_, response) => response.setHeader('Content-Type', 'text/html').end('<h1>Look!</h1>'));
await new Promise((listening) => elsewhere.listen(0, '127.0.0.1', listening));
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox'] });
const context = await browser.newContext();
const token = await signIn();
await context.addCookies([{ name: 'tessera_session', value: token, url, httpOnly: true, sameSite: 'Lax' }]);
const page = await context.newPage();
const sent = [];
page.on('request', (request) => request.url().startsWith(url) && sent.push(request));

/** Runs in the page: attacks by all means, and waits until each has come to its end. */
async function attack({ graphql, socket, uploads, write }) {
  const body = JSON.stringify({ query: write });
  const address = `${graphql}?${new URLSearchParams({ query: write })}`;
  const done = [];
  const element = (tag, attributes) => {
    const made = Object.assign(document.createElement(tag), attributes);
    done.push(new Promise((end) => Object.assign(made, { onload: end, onerror: end })));
    document.body.append(made);
    return made;
  };
  const form = (action, enctype, fields) => {
    const name = `frame${done.length}`;
    element('iframe', { name });
    const made = Object.assign(document.createElement('form'), { method: 'post', action, enctype, target: name });
    for (const [key, value] of Object.entries(fields)) {
      made.append(Object.assign(document.createElement('input'), { name: key, value }));
    }
    document.body.append(made);
    made.submit();
  };
  for (const enctype of ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain']) {
    form(graphql, enctype, { query: write });
    form(graphql, enctype, { operations: body, map: '{}' });
    form(graphql, enctype, { [`${body.slice(0, -1)}, "x": "`]: '"}' });
    form(uploads, enctype, { file: 'x' });
  }
  for (const tag of ['img', 'iframe', 'script']) element(tag, { src: address });
  element('link', { rel: 'stylesheet', href: address });
  const options = { method: 'POST', credentials: 'include', body };
  const file = new FormData();
  file.append('file', new Blob(['x']), 'x.txt');
  const json = { 'Content-Type': 'application/json' };
  for (const [where, more] of [
    [graphql, {}],
    [graphql, { mode: 'no-cors' }],
    [graphql, { mode: 'no-cors', headers: json }],
    [graphql, { mode: 'no-cors', headers: { ...json, 'X-Tessera-Request': '1' } }],
    [graphql, { headers: json }],
    [graphql, { headers: { ...json, 'X-Tessera-Request': '1' } }],
    [graphql, { headers: { 'X-Tessera-Request': '1' } }],
    [graphql, { body: new URLSearchParams({ query: write }) }],
    [graphql, { body: file }],
    [uploads, { body: file }],
    [uploads, { mode: 'no-cors', body: 'x' }],
    [address, { method: 'GET', body: undefined, mode: 'no-cors' }],
  ]) {
    done.push(fetch(where, { ...options, ...more }).catch(() => undefined));
  }
  navigator.sendBeacon(graphql, body);
  navigator.sendBeacon(graphql, new Blob([body], { type: 'application/json' }));
  done.push(new Promise((end) => (new EventSource(address, { withCredentials: true }).onerror = end)));
  const opened = new WebSocket(socket, 'graphql-transport-ws');
  done.push(new Promise((end) => Object.assign(opened, { onopen: () => end('open'), onerror: () => end('refused') })));
  const answers = await Promise.all(done);
  return answers.at(-1);
}

await page.goto(`http://127.0.0.1:${elsewhere.address().port}/`);
const uploads = url.replace(/graphql$/, 'uploads');
const ends = await page.evaluate(attack, { graphql: url, socket: socketUrl, uploads, write: WRITE });
await page.waitForLoadState('networkidle');
assert.equal(ends, 'refused');
const cookies = await Promise.all(sent.map(async (request) => (await request.allHeaders()).cookie));
assert.ok(cookies.filter((cookie) => cookie?.includes(token)).length >= 9, `${cookies.length} requests`);
const names = async () => (await ask(GROUPS, {}, token)).groups.map((group) => group.name);
assert.ok(!(await names()).includes('evil'));

// the same browser can write from a page of the server's own, so the attacks failed for no other reason
await page.goto(url.replace(/graphql$/, 'health'));
const body = JSON.stringify({ query: WRITE });
const headers = { 'Content-Type': 'application/json', 'X-Tessera-Request': '1' };
await page.evaluate((options) => fetch('/graphql', options).then((answer) => answer.text()), { method: 'POST', headers, body });
assert.ok((await names()).includes('evil'));
await browser.close();
elsewhere.close();
