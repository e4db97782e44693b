"""Fetches files of repositories: a folder, or an address that begins with file:, http: or https:."""

import asyncio
from pathlib import Path, PurePosixPath
from urllib.parse import quote, unquote, urljoin, urlsplit

import httpx2

from tessera.packages._index import INDEX, MAX_INDEX, SIGNATURE, Index, read
from tessera.packages._resolve import Offer
from tessera.packages._wheels import digest_of

MAX_REDIRECTS = 5
MAX_SIGNATURE = 16 * 1024
SECONDS = 30.0
SCHEMES = ("http", "https")


class Unfetchable(Exception):
    """A file cannot be had, or is not what was announced; the message is a sentence."""


async def index(place: str, trusted: list[str]) -> Index:
    """Return the index of a repository.

    Raises `Unfetchable`, and `IndexUnfit` when nobody trusted signed it.
    """
    content = await _fetch(place, INDEX, MAX_INDEX)
    signature = await _fetch(place, SIGNATURE, MAX_SIGNATURE)
    return read(content, signature, trusted, place)


async def wheel(offer: Offer, limit: int) -> bytes:
    """Return the bytes of an offered wheel, which are those the index named.

    Raises `Unfetchable` when they are not, or are more than the limit.
    """
    if offer.size > limit:
        raise Unfetchable(f"{offer.filename} has {offer.size} bytes; the setting packages.max_bytes allows {limit}.")
    content = await _fetch(offer.source, offer.filename, offer.size)
    if digest_of(content) != offer.sha256:
        raise Unfetchable(f"{offer.filename} is not the file the signed index names: its SHA-256 differs.")
    return content


async def _fetch(place: str, name: str, limit: int) -> bytes:
    if PurePosixPath(name).name != name or "\\" in name:
        raise Unfetchable(f"{name!r} is no plain file name.")
    parts = urlsplit(place)
    if parts.scheme in SCHEMES:
        return await _download(urljoin(place.rstrip("/") + "/", quote(name)), name, limit)
    if parts.scheme == "file" and parts.netloc in {"", "localhost"}:
        return await asyncio.to_thread(_load, Path(unquote(parts.path)) / name, limit)
    if parts.scheme:
        raise Unfetchable(f"A repository is a folder, or begins with file:, http: or https:, not with {parts.scheme}:.")
    return await asyncio.to_thread(_load, Path(place) / name, limit)


def _load(file: Path, limit: int) -> bytes:
    try:
        with file.open("rb") as stream:
            content = stream.read(limit + 1)
    except OSError as error:
        raise Unfetchable(f"{file.name} cannot be read: {error.strerror}.") from None
    if len(content) > limit:
        raise Unfetchable(f"{file.name} is larger than announced.")
    return content


async def _download(address: str, name: str, limit: int) -> bytes:
    scheme = urlsplit(address).scheme
    try:
        async with asyncio.timeout(SECONDS * 10), httpx2.AsyncClient(timeout=SECONDS, trust_env=False) as client:
            for _ in range(MAX_REDIRECTS):
                async with client.stream("GET", address, headers={"Accept-Encoding": "identity"}) as answer:
                    if answer.is_redirect:
                        address = _redirected(address, answer.headers.get("location", ""), scheme)
                        continue
                    if not answer.is_success:
                        raise Unfetchable(f"{name} cannot be fetched: the repository answers {answer.status_code}.")
                    return await _received(answer, name, limit)
    except httpx2.HTTPError as error:
        raise Unfetchable(f"{name} cannot be fetched: {str(error) or type(error).__name__}.") from None
    except TimeoutError:
        raise Unfetchable(f"{name} cannot be fetched: the repository is too slow.") from None
    raise Unfetchable(f"{name} cannot be fetched: the repository redirects too often.")


def _redirected(address: str, location: str, scheme: str) -> str:
    """Follow a redirect that neither leaves HTTP nor gives up its encryption."""
    target = urljoin(address, location)
    if not location or urlsplit(target).scheme not in {scheme, "https"}:
        raise Unfetchable(f"The repository redirects to {target[:200]}, which is not followed.")
    return target


async def _received(answer: httpx2.Response, name: str, limit: int) -> bytes:
    content = bytearray()
    async for piece in answer.aiter_bytes():
        content += piece
        if len(content) > limit:
            raise Unfetchable(f"{name} is larger than announced.")
    return bytes(content)
