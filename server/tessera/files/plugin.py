"""What files declare."""

from datetime import timedelta
from typing import Any

from tessera.files import settings as own
from tessera.files._routes import download, upload
from tessera.files.hooks import FileHooks
from tessera.files.jobs import collect
from tessera.plugin import Job, Route, Schedule, Setting, hookimpl


@hookimpl
def jobs() -> list[Job | Schedule]:
    return [Job("files.collect", collect, in_unit=False), Schedule("files.collect", every=timedelta(days=1))]


@hookimpl
def settings() -> list[Setting[Any]]:
    return [own.PLACE, own.MAX_BYTES]


@hookimpl
def routes() -> list[Route]:
    return [Route("POST", "/uploads", upload), Route("GET", "/files/{digest}", download)]


@hookimpl
def hookspecs() -> list[type]:
    return [FileHooks]
