"""What the texts of a queue may speak of; pure."""

from tessera.kit import template
from tessera.kit.inputs import Field, line, text
from tessera.kit.text import safe_html

KNOWN = frozenset({"agent", "article", "customer", "queue", "ticket"})
"""Placeholders begin with one of these: `{{ ticket.number }}`, `{{ customer.name }}`, `{{ queue.path }}`."""

MAX_SUBJECT = 500


def checked_subject(subject: str | None, *, field: Field) -> str:
    """Return a subject with placeholders, checked.

    Raises what `kit.inputs.line` and `kit.template.check` raise.
    """
    found = line(subject, field=field, limit=MAX_SUBJECT)
    template.check(found, known=KNOWN, field=field)
    return found


def checked_text(words: str | None, *, field: Field) -> str:
    """Return plain text with placeholders, checked.

    Raises what `kit.inputs.text` and `kit.template.check` raise.
    """
    found = text(words, field=field, limit=template.MAX_SOURCE)
    template.check(found, known=KNOWN, field=field)
    return found


def checked_html(html: str | None, *, field: Field) -> str:
    """Return HTML with placeholders, sanitised and checked.

    Raises what `kit.inputs.text` and `kit.template.check` raise.
    """
    found = safe_html(text(html, field=field, limit=template.MAX_SOURCE))
    template.check(found, known=KNOWN, field=field)
    return found
