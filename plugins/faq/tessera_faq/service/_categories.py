"""Verbs of the tree of categories."""

from collections.abc import Sequence

from tessera.access.models import Group
from tessera.kit.inputs import Field
from tessera.kit.text import fold
from tessera.kit.unit import Unit, or_taken
from tessera_faq import _paths
from tessera_faq._refs import category_ref
from tessera_faq.errors import CategoryCycle, CategoryInactive, CategoryInUse, CategoryTaken, GroupMissing
from tessera_faq.events import CategoryChanged, CategoryCreated
from tessera_faq.models import Category, CategoryGroup, CategoryLine, Item
from tessera_faq.permissions import MANAGE

PARENT: Field = ("input", "parent_id")
GROUPS: Field = ("input", "group_ids")

Told = tuple[str, str | None, str | None]
"""A property and its display text before and after."""


async def create_category(
    unit: Unit, *, name: str, groups: Sequence[Group], parent: Category | None = None
) -> Category:
    """Create a category, whose items agents of its groups see.

    Raises `Forbidden` without the permission `faq.manage`, `CategoryName`, `CategoryTaken`, `GroupMissing`,
    `CategoryInactive` for a parent that is switched off.
    """
    unit.actor.require(MANAGE.name)
    _require_groups(groups)
    own = _paths.own_name(name)
    tree = await _locked_tree()
    above = tree[parent.id] if parent else None
    _require_active(above, PARENT)
    path = _paths.joined(above.path if above else None, own)
    problem = CategoryTaken(path=path, field=_paths.NAME)
    if any(row.path_key == fold(path) for row in tree.values()):
        raise problem
    async with or_taken(problem):
        row = await Category.create(name=own, path=path, path_key=fold(path), parent_id=above.id if above else None)
    tree[row.id] = row
    await _draw_lines(tree, [row.id])
    await _give_to(row, groups)
    group_ids = sorted(group.id for group in groups)
    await unit.record(CategoryCreated(subject=category_ref(row), path=path, group_ids=group_ids))
    return row


async def update_category(
    unit: Unit,
    category: Category,
    *,
    name: str,
    groups: Sequence[Group],
    parent: Category | None = None,
    active: bool | None = None,
) -> Category:
    """Give a category a name, a place and groups, and switch it on or off; what lies below it moves with it.

    Raises what `create_category` raises, `CategoryCycle` for a parent inside the category, `CategoryInUse` for
    switching off what contains something active.
    """
    unit.actor.require(MANAGE.name)
    _require_groups(groups)
    own = _paths.own_name(name)
    tree = await _locked_tree()
    row = tree[category.id]
    above = tree[parent.id] if parent else None
    inside = {key for key in tree if row.id in _paths.line_of({k: r.parent_id for k, r in tree.items()}, key)}
    if above is not None and above.id in inside:
        raise CategoryCycle(path=above.path, field=PARENT)
    is_active = row.active if active is None else active
    if is_active:
        _require_active(above, PARENT)
    elif row.active:
        await _require_empty(tree, row)
    path = _paths.joined(above.path if above else None, own)
    if any(other.path_key == fold(path) and other.id != row.id for other in tree.values()):
        raise CategoryTaken(path=path, field=_paths.NAME)
    told: list[Told] = [
        ("path", row.path, path),
        ("active", str(row.active).lower(), str(is_active).lower()),
        ("groups", await _group_names(row), ", ".join(sorted({group.name for group in groups}))),
    ]
    start = len(row.path)
    renamed = [(tree[key], _paths.joined(None, path + tree[key].path[start:])) for key in sorted(inside - {row.id})]
    async with or_taken(CategoryTaken(path=path, field=_paths.NAME)):
        await unit.update(
            row, name=own, path=path, path_key=fold(path), parent_id=above.id if above else None, active=is_active
        )
    await _give_to(row, groups)
    await _tell(unit, row, told)
    for each, its_path in renamed:
        before = each.path
        await unit.update(each, path=its_path, path_key=fold(its_path))
        await _tell(unit, each, [("path", before, its_path)])
    await _draw_lines(tree, inside)
    return row


async def _locked_tree() -> dict[int, Category]:
    """Return all categories, locked until the commit: the second look sees what the first one had to wait for."""
    await Category.all().order_by("id").select_for_update()
    return {row.id: row for row in await Category.all().order_by("id").select_for_update()}


async def _draw_lines(tree: dict[int, Category], keys: Sequence[int] | set[int]) -> None:
    parents = {key: row.parent_id for key, row in tree.items()}
    await CategoryLine.filter(category_id__in=list(keys)).delete()
    await CategoryLine.bulk_create(
        CategoryLine(category_id=key, above_id=above) for key in sorted(keys) for above in _paths.line_of(parents, key)
    )


async def _give_to(row: Category, groups: Sequence[Group]) -> None:
    await CategoryGroup.filter(category_id=row.id).delete()
    await CategoryGroup.bulk_create(
        CategoryGroup(category_id=row.id, group_id=key) for key in sorted({group.id for group in groups})
    )


async def _group_names(row: Category) -> str:
    names = await CategoryGroup.filter(category_id=row.id).values_list("group__name", flat=True)
    return ", ".join(sorted(str(name) for name in names))


async def _require_empty(tree: dict[int, Category], row: Category) -> None:
    has_children = any(other.parent_id == row.id and other.active for other in tree.values())
    if has_children or await Item.exists(category_id=row.id, active=True):
        raise CategoryInUse(path=row.path, field=("active",))


def _require_active(row: Category | None, field: Field) -> None:
    if row is not None and not row.active:
        raise CategoryInactive(path=row.path, field=field)


def _require_groups(groups: Sequence[Group]) -> None:
    if not groups:
        raise GroupMissing(field=GROUPS)


async def _tell(unit: Unit, row: Category, told: Sequence[Told]) -> None:
    for name, before, after in told:
        if before != after:
            await unit.record(CategoryChanged(subject=category_ref(row), field=name, before=before, after=after))
