"""Reads of the imported documents, which are no secret: whoever may call may run them."""

from tessera.documents.models import Document


async def text_of(hash: str) -> str | None:
    """Return the text of an imported document by its hash (64 lower-case hexadecimal digits)."""
    found = await Document.filter(hash=hash).values_list("text", flat=True)
    return str(found[0]) if found else None


async def known(hashes: list[str]) -> set[str]:
    """Return those hashes whose documents are imported already."""
    return {str(each) for each in await Document.filter(hash__in=hashes).values_list("hash", flat=True)}


async def imported() -> list[Document]:
    """Return every imported document, oldest first."""
    return await Document.all().order_by("id")


async def count() -> int:
    """Return how many documents are imported."""
    return await Document.all().count()
