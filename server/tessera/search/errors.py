"""What may stand in the way of a search."""

from tessera.kit.errors import Invalid


class NotSearchable(Invalid):
    """Things of this kind cannot be found by their words; facts: `kind`."""

    reason = "search.not_searchable"
    sentence = "A {kind} cannot be searched for."
