"""Problems with mail."""

from tessera.kit.errors import Invalid, LimitExceeded, Taken, WrongState


class MessageTooLarge(LimitExceeded):
    """A mail has more bytes than the settings allow."""

    reason = "mail.message_too_large"
    sentence = "The mail has {size} bytes; at most {limit} are taken."


class MessageNotQuarantined(WrongState):
    """Only what could not be filed can be tried again."""

    reason = "mail.not_quarantined"
    sentence = "The mail is not in quarantine."


class MessageNotFailed(WrongState):
    """Only what could not be sent can be sent again."""

    reason = "mail.not_failed"
    sentence = "The mail has not failed."


class NameTaken(Taken):
    """Another account or filter has the name."""

    reason = "mail.name_taken"
    sentence = "The name {name} is already in use."


class UnknownOrder(Invalid):
    """A filter sets what means nothing."""

    reason = "mail.unknown_order"
    sentence = "{name} cannot be set: there is no such control header."


class PatternInvalid(Invalid):
    """A filter's pattern is no regular expression."""

    reason = "mail.pattern_invalid"
    sentence = "The pattern for {header} is no regular expression: {why}."
