"""The page of an item: what an answer's link leads to where no portal of its own shows items."""

import html

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from tessera.engine.context import Context
from tessera.kit.errors import NotFound
from tessera_faq import _views, queries

_HEADERS = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox allow-popups",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title></head>
<body><h1>{title}</h1>
{body}
<p>{number}</p></body></html>
"""


async def show(request: Request) -> Response:
    """Show an item to whoever may read it, with the texts they read.

    Raises `NotFound`, for what is hidden too.
    """
    context: Context = request.state.context
    actor = context.signed_in or queries.ANONYMOUS
    item = await queries.by_number(actor, request.path_params["number"])
    if item is None:
        raise NotFound
    await _views.counter(context.units)([item.id])
    body = queries.body_of(item, await queries.texts_for(queries.audience_of(actor)))
    page = _PAGE.format(
        language=html.escape(item.language), title=html.escape(item.title), number=html.escape(item.number), body=body
    )
    return HTMLResponse(page, headers=_HEADERS)
