"""Verbs of documents."""

from collections.abc import Iterator, Sequence

from tessera.documents import queries
from tessera.documents._sources import Source
from tessera.documents.errors import DocumentsUnfit
from tessera.documents.events import DocumentImported
from tessera.documents.models import Document
from tessera.engine.documents import Documents, Refused
from tessera.kit.db import Contention
from tessera.kit.ids import ObjectRef
from tessera.kit.unit import Unit, or_taken

AT_ONCE = 500


async def import_documents(unit: Unit, sources: Sequence[Source], schema: Documents) -> list[Document]:
    """Import documents that fit the schema, all or none; return those that were not known yet.

    Raises `DocumentsUnfit` with a line for each one that does not fit, or does not have the hash it claims.
    """
    if failures := list(_failures(sources, schema)):
        raise DocumentsUnfit.because(failures)
    texts = {source.hash: source.text for source in sources}
    made = []
    for hash_ in await _unknown(list(texts)):
        async with or_taken(Contention(f"The document {hash_} was imported by two at once.")):
            row = await Document.create(hash=hash_, text=texts[hash_])
        await unit.record(DocumentImported(subject=ObjectRef("document", row.id), hash=hash_))
        made.append(row)
    return made


async def _unknown(hashes: list[str]) -> list[str]:
    known: set[str] = set()
    for start in range(0, len(hashes), AT_ONCE):
        known |= await queries.known(hashes[start : start + AT_ONCE])
    return [each for each in hashes if each not in known]


def _failures(sources: Sequence[Source], schema: Documents) -> Iterator[str]:
    for source in sources:
        if source.claimed not in {None, source.hash}:
            yield f"{source.place}: The hash {source.claimed} is not the SHA-256 of the text, {source.hash}."
            continue
        try:
            schema.examine(source.text)
        except Refused as refused:
            yield from (f"{source.place}: {error.message}" for error in refused.errors)
