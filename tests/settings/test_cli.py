import pytest

from tessera.kit.journal import Entry
from tessera.settings.cli import app
from tessera.settings.errors import InvalidSettingValue, UnknownSetting
from tessera.testing.house import House
from tests.commands import typed


async def test_settings_are_changed_from_the_command_line(house: House) -> None:
    assert await typed(house, app, "get", "files.place") == '"folder"\n'
    assert await typed(house, app, "set", "files.place", "database") == 'files.place = "database"\n'
    assert await typed(house, app, "set", "files.max_bytes", "4096") == "files.max_bytes = 4096\n"
    listed = await typed(house, app, "list", "files.")
    assert '* files.place = "database"' in listed
    assert "* files.max_bytes = 4096" in listed
    assert await typed(house, app, "reset", "files.place") == 'files.place = "folder"\n'
    assert '  files.place = "folder"' in await typed(house, app, "list", "place")
    assert {entry.actor_kind for entry in await Entry.filter(name="setting.changed")} == {"system"}


async def test_what_cannot_be_set_is_a_problem(house: House) -> None:
    with pytest.raises(InvalidSettingValue):
        await typed(house, app, "set", "files.max_bytes", "many")
    with pytest.raises(UnknownSetting):
        await typed(house, app, "get", "no.such")
