"""Kinds of links and how one looks from its other end; pure."""

NORMAL = "normal"
PARENT = "parent"
CHILD = "child"
KINDS = (NORMAL, PARENT, CHILD)
"""What the other end is to the one that is asked."""

_INVERSE = {PARENT: CHILD, CHILD: PARENT}


def inverse(kind: str) -> str:
    """Return what a link is called from its other end."""
    return _INVERSE.get(kind, kind)
