// The GraphQL over HTTP audits of graphql-http, which look at both media types; prints what is not in order.
import { serverAudits } from 'graphql-http';
import { url } from './desk.mjs';

const found = [];
for (const audit of serverAudits({ url, fetchFn: fetch })) {
  const { status, reason } = await audit.fn();
  found.push({ name: audit.name, status, reason });
}
for (const { name, status, reason } of found.filter((each) => each.status !== 'ok')) {
  console.log(`${status}: ${name}: ${reason}`);
}
const accepted = (media) => found.filter(({ name }) => name.includes(media)).length;
console.log(JSON.stringify({
  audits: found.length,
  ok: found.filter(({ status }) => status === 'ok').length,
  modern: accepted('application/graphql-response+json'),
  legacy: accepted('application/json'),
}));
