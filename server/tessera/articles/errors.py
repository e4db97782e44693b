"""What may stand in the way of an article."""

from tessera.kit.errors import Forbidden, Invalid, LimitExceeded, Required, WrongState


class RecipientMissing(Required):
    """A mail needs somebody to go to."""

    reason = "articles.recipient_missing"
    sentence = "The ticket has no customer user with an address: say who shall get the message."


class BodyMissing(Required):
    """An article says or brings something."""

    reason = "articles.body_missing"
    sentence = "The message is empty."


class SenderMissing(WrongState):
    """No address to send from is configured for the queue; facts: `queue`."""

    reason = "articles.sender_missing"
    sentence = "The queue {queue} has no e-mail address to send from."


class InvalidRecipient(Invalid):
    """This is no e-mail address; facts: `address`."""

    reason = "articles.recipient"
    sentence = "{address} is no e-mail address."


class InvalidChannel(Invalid):
    """This is no name of a channel."""

    reason = "articles.channel"
    sentence = "A channel is a name of up to 50 lower-case letters, digits, dots, hyphens and underscores."


class NotForCustomers(Forbidden):
    """Customer users write visible messages through the portal, nothing else."""

    reason = "articles.not_for_customers"
    sentence = "Customer users write on the channel web, visible for themselves."


class FollowUpRejected(WrongState):
    """The queue takes no answers to closed tickets; facts: `number`."""

    reason = "articles.follow_up_rejected"
    sentence = "Ticket {number} is closed and takes no more messages."


class FollowUpNeedsNewTicket(WrongState):
    """The queue wants a new ticket instead of an answer to a closed one; facts: `number`."""

    reason = "articles.follow_up_needs_new_ticket"
    sentence = "Ticket {number} is closed. Open a new one for this message."


class TooManyAttachments(LimitExceeded):
    """An article has so many attachments only by mistake; facts: `limit`."""

    reason = "articles.too_many_attachments"
    sentence = "A message has at most {limit} attachments."


class TooManyRecipients(LimitExceeded):
    """A message has so many recipients only by mistake; facts: `limit`."""

    reason = "articles.too_many_recipients"
    sentence = "A message has at most {limit} recipients."
