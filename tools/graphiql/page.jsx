// The page behind GET /graphql: GraphiQL, told where this server is.
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { setNonce } from 'get-nonce';
import { GraphiQL } from 'graphiql';
import { createRoot } from 'react-dom/client';
import '@graphiql/plugin-doc-explorer/style.css';
import 'graphiql/style.css';
import './page.css';

const WELCOME = `# Sign in by running SignIn: the browser keeps the session's cookie, for streams too.
# Or put a token into the tab Headers below: {"Authorization": "Bearer TOKEN"}

mutation SignIn($login: String!, $password: String!) {
  sessionCreate(login: $login, password: $password) {
    expiresAt
    userErrors { message }
  }
}

query Viewer {
  viewer { agent { name } customerUser { name } permissions }
}
`;

const url = location.origin + location.pathname;
const fetcher = createGraphiQLFetcher({
  url,
  subscriptionUrl: url.replace(/^http/, 'ws'),
  headers: { 'X-Tessera-Request': '1' }, // without it the server takes no cookie
  enableIncrementalDelivery: false,
});

// the style elements that dialogs make for themselves carry the nonce that this page allows
setNonce(document.querySelector('script').nonce);

// what was typed may hold a password: it is gone with the browser's tab
createRoot(document.getElementById('graphiql')).render(
  <GraphiQL fetcher={fetcher} storage={sessionStorage} defaultQuery={WELCOME} />,
);
