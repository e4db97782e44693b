"""What may stand in the way of a link."""

from tessera.kit.errors import Invalid, NotFound, Taken


class LinkExists(Taken):
    """The two are linked already, in one way or the other."""

    reason = "links.exists"
    sentence = "The two are linked already."


class LinkToSelf(Invalid):
    """Nothing is linked with itself."""

    reason = "links.to_self"
    sentence = "Nothing can be linked with itself."


class UnknownKind(Invalid):
    """Nothing is known of this kind of link; facts: `kind`, `known`."""

    reason = "links.unknown_kind"
    sentence = "There is no kind of link {kind}, only {known}."


class NotLinkable(Invalid):
    """Things of this kind take no links; facts: `kind`."""

    reason = "links.not_linkable"
    sentence = "A {kind} cannot be linked."


class LinkMissing(NotFound):
    """The two are not linked this way."""

    reason = "links.missing"
    sentence = "The two are not linked this way."
