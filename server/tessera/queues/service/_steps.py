"""A small step the verbs share: display text."""


def shown(value: object) -> str | None:
    """Return a column's value as the text that history shows."""
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
