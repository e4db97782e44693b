"""The page of the problems: one section for each code and reason."""

from collections.abc import Iterator

from tessera.engine.mutations import UserErrorCode
from tessera.kit.errors import Problem
from tools.docs.markdown import page, said
from tools.house import belongs


def kinds(base: type[Problem] = Problem) -> Iterator[type[Problem]]:
    """Yield every kind of problem the house knows."""
    for kind in base.__subclasses__():
        if belongs(kind):
            yield kind
        yield from kinds(kind)


def problems() -> str:
    """Write the page of the problems."""
    parts = []
    for code in UserErrorCode:
        of_code = [kind for kind in kinds() if kind.code == code.name]
        plain = [kind for kind in of_code if kind.reason is None]
        parts += [f"## {code.name}", *(said(kind) for kind in plain)]
        named = {kind.reason: kind for kind in of_code if kind.reason is not None}
        for reason, kind in sorted(named.items()):
            parts += [f"### {code.name} `{reason}`", said(kind), f"> {kind.sentence}"]
    return page(
        "Problems",
        "A problem is an expected failure that a person can repair. In a mutation it is a `userError` in the payload, "
        "with a `code` from a closed set, an open `reason` that refines it, the `field` to blame and a `message` in "
        "the viewer's language. In a query, or when nobody is signed in, it is a top-level error whose "
        "`extensions.reason` is the same: see [errors](errors.md). Words in braces are filled in.",
        *parts,
    )
