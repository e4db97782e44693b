"""Problems of queues, their addresses and their texts."""

from tessera.kit.errors import Forbidden, Invalid, Taken, WrongState


class RightMissing(Forbidden):
    """The actor lacks a right on the queue's group."""

    reason = "queues.right_missing"
    sentence = "This needs the right {right} on the queue {queue}."


class QueueTaken(Taken):
    """Another queue has the same full name, regardless of case."""

    reason = "queues.path_taken"
    sentence = "There is already a queue {path}."


class QueueName(Invalid):
    """The name would be mistaken for a path."""

    reason = "queues.name"
    sentence = "A queue's own name neither contains :: nor begins or ends with a colon."


class QueueCycle(Invalid):
    """A queue cannot stand below itself."""

    reason = "queues.cycle"
    sentence = "The queue {path} lies inside the queue itself."


class AddressTaken(Taken):
    """The address belongs to another queue."""

    reason = "queues.address_taken"
    sentence = "Mail to {address} already arrives in another queue."


class InvalidAddress(Invalid):
    """This is no e-mail address."""

    reason = "queues.address"
    sentence = "{address} is no e-mail address."


class AddressInUse(WrongState):
    """A queue still answers from the address."""

    reason = "queues.address_in_use"
    sentence = "The queue {path} still answers from {address}."


class NameTaken(Taken):
    """Another text of the same kind has the name, regardless of case."""

    reason = "queues.name_taken"
    sentence = "The name {name} is already in use."


class TwoOfAKind(Invalid):
    """A queue gives one auto response to a kind of mail."""

    reason = "queues.auto_responses"
    sentence = "A queue has one auto response of the kind {kind}."
