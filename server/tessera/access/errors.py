"""Problems of groups, roles and grants."""

from tessera.kit.errors import Forbidden, Invalid, Taken, WrongState


class NameTaken(Taken):
    """Another group or role has the name, regardless of case."""

    reason = "access.name_taken"
    sentence = "The name {name} is already in use."


class LastAdministrator(WrongState):
    """Nobody would be left who can give rights."""

    reason = "access.last_administrator"
    sentence = "This would leave nobody with the permission access.manage."


class AdministratorProtected(Forbidden):
    """Whoever cannot give rights cannot take over an account that can."""

    reason = "access.administrator_protected"
    sentence = "Only an administrator may set an administrator's password."


class UnknownPermission(Invalid):
    """No slice declares such a permission."""

    reason = "access.unknown_permission"
    sentence = "There is no permission {permission}."


class UnknownRight(Invalid):
    """There is no such right on a group."""

    reason = "access.unknown_right"
    sentence = "There is no right {right}; the rights are {known}."
