"""Migrations: forward, backward, forward; by many at once; nothing lost on the way."""

import asyncio
import sys
import textwrap
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tortoise.exceptions import IntegrityError, OperationalError

from tessera.kit.db import App, Database, DatabaseUnavailable, connection, locate
from tessera.kit.db.migrations import MigrationError, drift, make_migration, migrate, plan, unmigrate
from tessera.testing.databases import Kind, migrated_database
from tests.kit.db.shop import SHOP
from tests.kit.db.shop.models import Keeper, Sale, Shelf, Thing
from tests.kit.db.tables import ask, named_indexes, references, rows, triggers

NAMES = [path.stem for path in sorted((Path(__file__).parent / "shop" / "migrations").glob("0*.py"))]
ALL = [f"+ shop.{name}" for name in NAMES]
PROTECTED = {"shop_sale_no_update", "shop_sale_no_delete", "shop_shelf_no_delete"}
CODE_INDEX = "idx_shop_shelf_code_314969"


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    database = await Database.open(url, [SHOP], pool_size=2)
    try:
        yield database
    finally:
        await database.close()


async def fill() -> None:
    for statement in (
        "INSERT INTO shop_shelf (id, name, note) VALUES (1, 'upper', 'one'), (2, 'lower', NULL)",
        "INSERT INTO shop_thing (shelf_id, title, weight) VALUES "
        + ", ".join(f"({1 + number % 2}, 'thing {number}', {number})" for number in range(12)),
        "INSERT INTO shop_sale (what) VALUES ('a sale')",
    ):
        await connection().execute_query(statement)


async def expect_everything(*, label: str) -> None:
    assert await rows("shop_shelf", "id", "name") == [(1, "upper"), (2, "lower")]
    things = await rows("shop_thing", "shelf_id", label, "weight")
    assert things == [(1 + number % 2, f"thing {number}", number) for number in range(12)]
    assert await rows("shop_sale", "what") == [("a sale",)]
    assert ("shop_thing", "shop_shelf") in await references()
    assert {"shop_shelf_name", "shop_thing_label"} <= await named_indexes()


async def test_everyday_steps_forward_backward_and_forward_keep_everything(database_url: str) -> None:
    assert await migrate(database_url, [SHOP], label="shop", to="0002_protect") == ALL[:2]
    async with opened(database_url):
        await fill()
    lines: list[str] = []
    assert await migrate(database_url, [SHOP], report=lines.append) == ALL[2:]
    assert lines == ALL[2:]
    async with opened(database_url):
        await expect_everything(label="label")
        await expect_the_newest_rules()
    backward = await migrate(database_url, [SHOP], label="shop", to="0002_protect")
    assert backward == [f"- shop.{name}" for name in reversed(NAMES[2:])]
    async with opened(database_url):
        await expect_everything(label="title")
        assert {name for name in await triggers() if "truncate" not in name} == PROTECTED
        assert await named_indexes() == {"shop_shelf_name", "shop_thing_label"}
        assert await references() == {("shop_thing", "shop_shelf")}
    assert await migrate(database_url, [SHOP]) == ALL[2:]
    async with opened(database_url):
        await expect_everything(label="label")
        await expect_the_newest_rules()


async def expect_the_newest_rules() -> None:
    assert {name for name in await triggers() if "truncate" not in name} == PROTECTED
    assert await named_indexes() == {CODE_INDEX, "shop_shelf_grade", "shop_shelf_name", "shop_thing_label"}
    assert await references() == {("shop_thing", "shop_shelf"), ("shop_shelf", "shop_keeper")}
    assert [shelf.grade for shelf in await Shelf.all()] == [3, 3]
    with pytest.raises(IntegrityError):
        await Shelf.create(name="upper")
    with pytest.raises((IntegrityError, OperationalError)):  # MariaDB calls a broken check operational
        await Shelf.create(name="third", grade=0)
    with pytest.raises(IntegrityError):
        await Shelf.filter(id=1).update(keeper_id=99)
    for name in ("n" * 200, "upper"):
        assert await Shelf.filter(id=1).update(name=name) == 1
    await Thing.filter(label="thing 0").update(label=None)
    await Thing.filter(label=None).update(label="thing 0")


async def test_undoing_everything_leaves_nothing(database_url: str) -> None:
    await migrate(database_url, [SHOP])
    async with opened(database_url):
        await Keeper.create(name="anna")
    assert await unmigrate(database_url, [SHOP], "shop") == [f"- shop.{name}" for name in reversed(NAMES)]
    async with opened(database_url):
        assert not await triggers()
        assert not await references()
        assert not await named_indexes()
    assert await unmigrate(database_url, [SHOP], "shop") == []
    assert await migrate(database_url, [SHOP]) == ALL


async def test_four_migrators_at_once_do_it_once(database_url: str) -> None:
    results = await asyncio.gather(*(migrate(database_url, [SHOP]) for _ in range(4)))
    assert sorted(results, key=len) == [[], [], [], ALL]


@pytest.mark.long
async def test_four_migrating_processes_do_it_once(database_url: str) -> None:
    program = textwrap.dedent(f"""
        import asyncio
        from tessera.kit.db.migrations import migrate
        from tests.kit.db.shop import SHOP
        print(len(asyncio.run(migrate({database_url!r}, [SHOP]))))
    """)
    root = Path(__file__).parents[3]
    processes = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", program, cwd=root, stdout=asyncio.subprocess.PIPE)
        for _ in range(4)
    ]
    outputs = [(await process.communicate())[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * 4
    assert sorted(int(output) for output in outputs) == [0, 0, 0, len(ALL)]


async def test_the_plan_changes_nothing(database_url: str, kind: Kind) -> None:
    assert await plan(database_url, [SHOP]) == ALL
    if kind == "sqlite":
        assert list(locate(database_url).file().parent.iterdir()) == []
    await migrate(database_url, [SHOP], label="shop", to=NAMES[4])
    async with opened(database_url):
        before = await ask("SELECT * FROM tortoise_migrations")
    assert await plan(database_url, [SHOP]) == ALL[5:]
    async with opened(database_url):
        assert await ask("SELECT * FROM tortoise_migrations") == before
    await migrate(database_url, [SHOP])
    assert await plan(database_url, [SHOP]) == []


async def test_a_database_ahead_of_the_program_is_refused(database_url: str) -> None:
    await migrate(database_url, [SHOP])
    async with opened(database_url):
        await connection().execute_query("UPDATE tortoise_migrations SET name = '0099_future' WHERE name LIKE '0018%'")
    for attempt in (migrate(database_url, [SHOP]), unmigrate(database_url, [SHOP], "shop")):
        with pytest.raises(MigrationError, match=r"shop\.0099_future"):
            await attempt


async def test_an_app_that_may_lag_behind_its_tables_is_not_refused(database_url: str) -> None:
    await migrate(database_url, [SHOP], label="shop", to=NAMES[-2])
    async with opened(database_url):
        await connection().execute_query(
            "INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('shop', '0099_future', '2026-01-01')"
        )
    with pytest.raises(MigrationError, match=r"shop\.0099_future"):
        await migrate(database_url, [SHOP], ahead=["other"])
    assert await plan(database_url, [SHOP], ahead=["shop"]) == ALL[-1:]
    assert await migrate(database_url, [SHOP], ahead=["shop"]) == ALL[-1:]
    assert await migrate(database_url, [SHOP], ahead=["shop"]) == []


async def test_a_broken_record_of_migrations_is_an_error_not_an_empty_database(database_url: str) -> None:
    await migrate(database_url, [SHOP])
    async with opened(database_url):
        await connection().execute_script("ALTER TABLE tortoise_migrations RENAME COLUMN app TO apps")
    with pytest.raises(OperationalError):
        await plan(database_url, [SHOP])


async def test_an_unreachable_server_is_said_in_one_sentence() -> None:
    with pytest.raises(DatabaseUnavailable, match=r"127\.0\.0\.1:1/nothing") as failure:
        await migrate("postgres://user:hunter2@127.0.0.1:1/nothing", [SHOP])
    assert "hunter2" not in str(failure.value)


async def test_the_database_refuses_what_the_tables_must_not_suffer(shop: Database) -> None:
    shelf = await Shelf.create(name="upper", grade=1)
    sale = await Sale.create(what="a sale")
    for attempt in (
        Sale.filter(id=sale.id).update(what="another"),
        Sale.filter(id=sale.id).delete(),
    ):
        with pytest.raises(IntegrityError, match="Rows of shop_sale are never changed or deleted"):
            await attempt
    with pytest.raises(IntegrityError, match="Rows of shop_shelf are never deleted"):
        await Shelf.filter(id=shelf.id).delete()
    if shop.dialect == "postgres":
        for table in ("shop_sale", "shop_shelf"):
            with pytest.raises(Exception, match="never"):
                await connection().execute_script(f"TRUNCATE TABLE {table} CASCADE")
    if shop.dialect == "sqlite":
        with pytest.raises(IntegrityError, match="never changed"):
            await connection().execute_query(f"REPLACE INTO shop_sale (id, what) VALUES ({sale.id}, 'x')")
    assert await Shelf.filter(id=shelf.id).update(grade=2) == 1
    assert await rows("shop_sale", "what") == [("a sale",)]


async def test_migrated_databases_are_clean_copies(kind: Kind) -> None:
    for _ in range(3):
        async with migrated_database(kind, [SHOP]) as first, migrated_database(kind, [SHOP]) as second:
            assert first != second
            async with opened(first):
                await Keeper.create(name="anna")
                assert await Keeper.all().count() == 1
                await Shelf.create(name="protected rows too")
                await Sale.create(what="protected rows too")
            async with opened(second):
                assert await Keeper.all().count() == 0
                assert await Shelf.all().count() == 0
                assert await Sale.all().count() == 0
            assert await plan(second, [SHOP]) == []


@pytest.fixture
def extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> App:
    """A package that stands on the shop, with models and no migration yet."""
    package = tmp_path / "extra_package"
    (package / "migrations").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "migrations" / "__init__.py").touch()
    (package / "models.py").write_text(
        textwrap.dedent('''
        """Reviews."""

        from tortoise import fields
        from tortoise.fields import OnDelete
        from tortoise.models import Model

        from tessera.kit.clock import now


        class Review(Model):
            id = fields.BigIntField(primary_key=True)
            thing = fields.ForeignKeyField("shop.Thing", on_delete=OnDelete.CASCADE, related_name=False)
            stars = fields.IntField(default=5)
            at = fields.DatetimeField(default=now)

            class Meta:
                app = "extra"
                table = "extra_review"
        ''')
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in [name for name in sys.modules if name.startswith("extra_package")]:
        monkeypatch.delitem(sys.modules, name)
    return App("extra", ("extra_package.models",), "extra_package.migrations")


async def test_a_package_migrates_and_leaves_without_a_trace(database_url: str, extra: App) -> None:
    assert "extra: Create model Review" in await drift([SHOP, extra])
    path = await make_migration([SHOP, extra], "extra", "first")
    assert path is not None
    assert path.name == "0001_initial.py"
    assert f"dependencies = [('shop', '{NAMES[-1]}')]" in path.read_text()
    assert await make_migration([SHOP, extra], "extra", "again") is None
    assert not [line for line in await drift([SHOP, extra]) if line.startswith("extra")]
    assert await migrate(database_url, [SHOP, extra]) == [*ALL, "+ extra.0001_initial"]
    async with opened(database_url):
        assert ("extra_review", "shop_thing") in await references()
    with pytest.raises(MigrationError, match="cannot be removed while these stand on it: extra"):
        await unmigrate(database_url, [SHOP, extra], "shop")
    assert await unmigrate(database_url, [SHOP, extra], "extra") == ["- extra.0001_initial"]
    assert await plan(database_url, [SHOP]) == []
    async with opened(database_url):
        assert ("extra_review", "shop_thing") not in await references()


async def test_a_later_migration_takes_the_next_number(extra: App, tmp_path: Path) -> None:
    first = await make_migration([SHOP, extra], "extra", "first")
    assert first is not None
    models = tmp_path / "extra_package" / "models.py"
    models.write_text(models.read_text().replace("stars =", "text = fields.TextField(null=True)\n    stars ="))
    for name in [name for name in sys.modules if name.startswith("extra_package")]:
        del sys.modules[name]
    second = await make_migration([SHOP, extra], "extra", "words of a review")
    assert second is not None
    assert second.name == "0002_words_of_a_review.py"
    assert second.read_text() == textwrap.dedent('''\
        """Words of a review."""

        from tortoise import migrations
        from tortoise.migrations import operations as ops
        from tortoise import fields


        class Migration(migrations.Migration):
            dependencies = [('extra', '0001_initial')]

            operations = [
                ops.AddField(
                    model_name='Review',
                    name='text',
                    field=fields.TextField(null=True, unique=False),
                ),
            ]
        ''')
