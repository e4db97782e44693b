"""The route of remarks."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tessera.engine.context import Context
from tessera_dummy import queries


async def show(request: Request) -> Response:
    context: Context = request.state.context
    return JSONResponse({"remarks": await queries.visible_to(context.actor).count()})
