"""Verbs of the desk's addresses."""

from typing import TypedDict, Unpack

from tessera.kit.ids import ObjectRef
from tessera.kit.inputs import Field, optional_line
from tessera.kit.unit import Unit, or_taken
from tessera.queues import _addresses
from tessera.queues.errors import AddressInUse, AddressTaken
from tessera.queues.events import SystemAddressChanged, SystemAddressCreated
from tessera.queues.models import Queue, SystemAddress
from tessera.queues.permissions import MANAGE
from tessera.queues.service._steps import shown

MAX_DISPLAY_NAME = 200
_ADDRESS: Field = ("input", "address")


class AddressChanges(TypedDict, total=False):
    """What may change about a system address."""

    address: str
    display_name: str
    queue: Queue
    active: bool


async def create_address(unit: Unit, *, address: str, queue: Queue, display_name: str | None = None) -> SystemAddress:
    """Let mail to an address arrive in a queue.

    Raises `Forbidden` without the permission `queues.manage`, `InvalidAddress`, `AddressTaken`.
    """
    unit.actor.require(MANAGE.name)
    checked = _addresses.checked(address, field=_ADDRESS)
    problem = AddressTaken(address=checked, field=_ADDRESS)
    if await SystemAddress.exists(address_key=_addresses.key(checked)):
        raise problem
    async with or_taken(problem):
        row = await SystemAddress.create(
            address=checked,
            address_key=_addresses.key(checked),
            display_name=_display_name(display_name),
            queue_id=queue.id,
        )
    await unit.record(SystemAddressCreated(subject=_ref(row), address=checked, queue_id=queue.id))
    return row


async def update_address(
    unit: Unit, row: SystemAddress, *, expected_version: int | None = None, **changes: Unpack[AddressChanges]
) -> SystemAddress:
    """Change a system address.

    Raises what `create_address` raises, `AddressInUse` when its queue answers from the address, `StaleVersion`.
    """
    unit.actor.require(MANAGE.name)
    columns = _columns(changes)
    if columns.keys() & {"address_key", "queue_id", "active"}:
        await _require_free(row, columns)
    problem = AddressTaken(address=columns.get("address"), field=_ADDRESS)
    if await SystemAddress.filter(address_key=columns.get("address_key")).exclude(id=row.id).exists():
        raise problem
    before = {name: getattr(row, name) for name in columns}
    async with or_taken(problem):
        await unit.update(row, expected_version=expected_version, **columns)
    for name, old in before.items():
        if name != "address_key" and old != columns[name]:
            await unit.record(
                SystemAddressChanged(subject=_ref(row), field=name, before=shown(old), after=shown(columns[name]))
            )
    return row


async def claim_address(unit: Unit, queue: Queue, address: str, *, field: Field) -> None:
    """Make an address arrive in the queue that answers from it.

    Raises `AddressTaken` when it arrives in another one.
    """
    row = await SystemAddress.get_or_none(address_key=_addresses.key(address))
    if row is None:
        await create_address(unit, address=address, queue=queue)
    elif row.queue_id == queue.id and row.active:
        return
    elif row.active:
        raise AddressTaken(address=address, field=field)
    else:
        await update_address(unit, row, address=address, queue=queue, active=True)


def _columns(changes: AddressChanges) -> dict[str, object]:
    columns: dict[str, object] = {}
    if "address" in changes:
        address = _addresses.checked(changes["address"], field=_ADDRESS)
        columns |= {"address": address, "address_key": _addresses.key(address)}
    if "display_name" in changes:
        columns["display_name"] = _display_name(changes["display_name"])
    if "queue" in changes:
        columns["queue_id"] = changes["queue"].id
    if "active" in changes:
        columns["active"] = changes["active"]
    return columns


async def _require_free(row: SystemAddress, columns: dict[str, object]) -> None:
    after = {name: columns.get(name, getattr(row, name)) for name in ("address_key", "queue_id", "active")}
    if after == {"address_key": row.address_key, "queue_id": row.queue_id, "active": True}:
        return
    queue = await Queue.get(id=row.queue_id)
    if row.active and queue.email_address is not None and _addresses.key(queue.email_address) == row.address_key:
        raise AddressInUse(path=queue.path, address=row.address)


def _display_name(name: str | None) -> str:
    return optional_line(name, field=("input", "display_name"), limit=MAX_DISPLAY_NAME) or ""


def _ref(row: SystemAddress) -> ObjectRef:
    return ObjectRef("system_address", row.id)
