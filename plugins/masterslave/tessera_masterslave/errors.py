"""What may stand in the way of a group, and of a slave that follows."""

from tessera.kit.errors import Forbidden, Invalid, NotFound, WrongState


class MasterIsSlave(WrongState):
    """A slave has no slaves; facts: `number`, `master`."""

    reason = "masterslave.master_is_slave"
    sentence = "Ticket {number} is itself a slave of {master}."


class AlreadySlave(WrongState):
    """A ticket follows one master only; facts: `number`."""

    reason = "masterslave.already_slave"
    sentence = "Ticket {number} follows another master already."


class SlaveIsMaster(WrongState):
    """A master follows nobody; facts: `number`."""

    reason = "masterslave.slave_is_master"
    sentence = "Ticket {number} is itself a master. Dissolve its group first."


class OwnSlave(WrongState):
    """A ticket does not follow itself."""

    reason = "masterslave.own_slave"
    sentence = "A ticket cannot follow itself."


class NoMaster(WrongState):
    """The ticket has no slaves to do something with; facts: `number`."""

    reason = "masterslave.no_master"
    sentence = "Ticket {number} is no master."


class NoSlave(WrongState):
    """The ticket does not follow this master, or none at all; facts: `number`."""

    reason = "masterslave.no_slave"
    sentence = "Ticket {number} is no slave of this master."


class UnknownCascade(Invalid):
    """Nothing of this name is repeated; facts: `name`, `known`."""

    reason = "masterslave.unknown_cascade"
    sentence = "There is nothing called {name} to repeat, only {known}."


class SlaveHidden(NotFound):
    """Whoever acted on the master does not see the slave."""

    reason = "masterslave.slave_hidden"
    sentence = "Whoever acted on the master does not see this ticket."


class ActorGone(Forbidden):
    """Whoever acted on the master was switched off before it was repeated."""

    reason = "masterslave.actor_gone"
    sentence = "Whoever acted on the master is not active any more."


class MasterReplaced(WrongState):
    """The group got another master before the slave had followed the old one."""

    reason = "masterslave.master_replaced"
    sentence = "The group got another master before this was repeated."
