// GraphiQL in a real browser: the page loads under its policy, signs in, asks, listens, and keeps no password.
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';
import { CHANGES, OPEN, QUEUES, ask, signIn, url } from './desk.mjs';

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox'] });
const page = await browser.newPage();
const complaints = [];
const foreign = [];
page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
page.on('pageerror', (error) => complaints.push(String(error)));
page.on('request', (request) => request.url().startsWith(new URL(url).origin) || foreign.push(request.url()));
await page.addInitScript(() => {
  window.violations = [];
  document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile }) =>
    window.violations.push(`${violatedDirective} ${blockedURI} ${sourceFile}`),
  );
});

/** Replaces what an editor holds. */
const type = (editor, text) =>
  page.evaluate(([where, words]) => document.querySelector(`${where} .CodeMirror`).CodeMirror.setValue(words), [editor, text]);

/** Puts an operation into the query's editor, waits until that has read it, and runs it. */
async function start(query) {
  await type(QUERY_EDITOR, query);
  await page.waitForFunction(
    ([where, words]) => document.querySelector(`${where} .CodeMirror`).CodeMirror.documentAST?.loc.source.body === words,
    [QUERY_EDITOR, query],
  );
  await page.click('.graphiql-execute-button');
}

/** Waits until the answer shown holds something; returns it. */
async function shown(wanted) {
  const answer = await page.waitForFunction((words) => {
    const text = document.querySelector('.result-window .CodeMirror')?.CodeMirror.getValue();
    return text?.includes(words) && text;
  }, wanted);
  return JSON.parse(await answer.jsonValue()).data;
}

const QUERY_EDITOR = '.graphiql-query-editor';
const LOWER_EDITOR = '.graphiql-editor-tool .graphiql-editor:not(.hidden)';
const SIGN_IN = 'mutation ($login: String!, $password: String!) { sessionCreate(login: $login, password: $password) { expiresAt } }';
const VIEWER = '{ viewer { agent { login } } }';

await page.goto(url, { waitUntil: 'networkidle' }); // a click before the schema has come is lost
await page.waitForSelector(`${QUERY_EDITOR} .CodeMirror`);
await start(VIEWER);
assert.deepEqual(await shown('viewer'), { viewer: null });

await type(LOWER_EDITOR, JSON.stringify({ login: 'anna', password: 'tessera-demo' }));
await start(SIGN_IN);
await shown('expiresAt');
await start(VIEWER);
assert.equal((await shown('login')).viewer.agent.login, 'anna');

// the schema is there, as documentation
await page.click('[aria-label="Show Documentation Explorer"]');
await page.waitForSelector('.graphiql-doc-explorer-content >> text=Mutation');

// a stream, with the session's cookie
await start(CHANGES);
await shown('cursor');
const token = await signIn();
const { queues } = await ask(QUEUES, {}, token);
await ask(OPEN, { title: 'Heard by GraphiQL', queue: queues[0].id }, token);
await shown('Heard by GraphiQL');
await page.click('.graphiql-execute-button'); // stops it

// a dialog, which makes a style element for itself
await page.click('[aria-label="Open settings dialog"]');
await page.waitForSelector('[role=dialog]');
await page.keyboard.press('Escape');
await page.waitForSelector('[role=dialog]', { state: 'detached' });

// a token by header, in a browser that has no cookie, for streams too
await page.context().clearCookies();
await start(VIEWER);
assert.deepEqual(await shown('null'), { viewer: null });
await page.click('.graphiql-editor-tools button:has-text("Headers")');
await type(LOWER_EDITOR, JSON.stringify({ Authorization: `Bearer ${token}` }));
await start('{ viewer { agent { name } } }');
assert.equal((await shown('Anna')).viewer.agent.name, 'Anna Abel');
await start(CHANGES);
await shown('Heard by GraphiQL');

assert.deepEqual(await page.evaluate(() => window.violations), []);
assert.deepEqual(complaints, []);
assert.deepEqual(foreign, []);
assert.equal(await page.evaluate(() => localStorage.length), 0);
await browser.close();
