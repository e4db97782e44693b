"""GraphiQL, the page with which people try the API in their browsers; `make graphiql` makes its files."""

from http import HTTPStatus
from pathlib import Path
from secrets import token_urlsafe

from tessera.transport.contexts import caller_of
from tessera.transport.wire import Scope, Send, encoded, response_body, response_start

PATH = "/graphiql"
"""Where the page looks for the files in `STATIC`, beside its own path."""

STATIC = Path(__file__).parent / "static"

_PAGE = Path(__file__).with_name("page.html").read_text(encoding="utf-8")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def is_for_people(scope: Scope) -> bool:
    """Tell whether an HTTP scope comes from a browser's address line: no program asks for HTML."""
    return scope["method"] == "GET" and "text/html" in caller_of(scope).headers.get("accept", "").lower()


async def send_page(send: Send) -> None:
    """Answer with the page; its policy lets nothing run or load that is not this server's."""
    nonce = token_urlsafe(16)
    body = _PAGE.replace("NONCE", nonce).encode()
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Content-Security-Policy", _POLICY.format(nonce=nonce)),
        ("Cache-Control", "no-store"),
        ("Referrer-Policy", "no-referrer"),
        ("Vary", "Accept"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    await send(response_start(HTTPStatus.OK, encoded(headers)))
    await send(response_body(body))
