"""What may stand in the way of a remark."""

from tessera.kit.errors import Invalid


class RemarkForbidden(Invalid):
    """The word is on the list of the setting."""

    reason = "dummy.forbidden_word"
    sentence = "Nobody says {word} here."
