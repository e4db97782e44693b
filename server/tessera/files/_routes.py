"""The two HTTP routes of files: send one, fetch one."""

from collections.abc import AsyncGenerator, AsyncIterator
from urllib.parse import unquote

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from tessera.engine.context import Context
from tessera.files import queries, service
from tessera.files._folder import CHUNK
from tessera.files._names import disposition
from tessera.files.errors import FileMissing, FileTooLarge, ScriptHeaderMissing
from tessera.files.models import Blob
from tessera.files.settings import MAX_BYTES
from tessera.kit.errors import Invalid
from tessera.settings import queries as settings

SCRIPT_HEADERS = ("authorization", "x-tessera-request")
ENVELOPE = 64 * 1024
"""What a multipart body may be longer than the file in it."""

_HEADERS = {
    "Cache-Control": "private, max-age=900",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


async def upload(request: Request) -> Response:
    """Take one file: the first of a multipart form, or the body itself, whose name is in `X-Filename`.

    Raises `Unauthenticated`, `ScriptHeaderMissing`, `FileTooLarge`, `TooManyUploads`, `Invalid`.
    """
    context: Context = request.state.context
    actor = context.actor
    if not any(name in request.headers for name in SCRIPT_HEADERS):
        raise ScriptHeaderMissing
    limit = await settings.value(MAX_BYTES)
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit + ENVELOPE:
        raise FileTooLarge(limit=limit)
    blob, filename, content_type = await _received(request, limit)
    kept, token = await context.units.run(
        actor, lambda unit: service.accept_upload(unit, blob, filename=filename, content_type=content_type)
    )
    answer = {"uploadToken": token, "filename": kept.filename, "size": kept.size, "sha256": kept.blob_digest}
    return JSONResponse(answer, 201)


async def download(request: Request) -> Response:
    """Hand out a file to whoever has a good link.

    Raises `FileMissing` for a bad or expired link too.
    """
    digest = request.path_params["digest"]
    name, content_type, signature = (request.query_params.get(key, "") for key in ("name", "type", "signature"))
    if not queries.is_good_link(digest, name=name, content_type=content_type, signature=signature):
        raise FileMissing
    blob = await queries.get_blob(digest)
    headers = {
        **_HEADERS,
        "Content-Disposition": disposition(name, content_type),
        "Content-Length": str(blob.size),
        "Content-Type": content_type,
    }
    return StreamingResponse(queries.chunks(digest), headers=headers)


async def _received(request: Request, limit: int) -> tuple[Blob, str, str]:
    content_type = request.headers.get("content-type", "")
    if not content_type.lower().startswith("multipart/form-data"):
        name = unquote(request.headers.get("x-filename", ""))
        return await service.store(None, request.stream(), limit=limit), name, content_type
    form = await _form(request, limit)
    try:
        file = next((value for value in form.values() if isinstance(value, UploadFile)), None)
        if file is None:
            raise Invalid("The form contains no file.")
        blob = await service.store(None, _pieces(file), limit=limit)
        return blob, file.filename or "", file.content_type or ""
    finally:
        await form.close()


async def _form(request: Request, limit: int) -> FormData:
    parser = MultiPartParser(request.headers, _limited(request.stream(), limit), max_files=1, max_fields=10)
    try:
        return await parser.parse()
    except (MultiPartException, HTTPException, KeyError) as error:
        raise Invalid("The form cannot be read.") from error


async def _limited(stream: AsyncIterator[bytes], limit: int) -> AsyncGenerator[bytes, None]:
    size = 0
    async for chunk in stream:
        size += len(chunk)
        if size > limit + ENVELOPE:
            raise FileTooLarge(limit=limit)
        yield chunk


async def _pieces(file: UploadFile) -> AsyncIterator[bytes]:
    while piece := await file.read(CHUNK):
        yield piece
