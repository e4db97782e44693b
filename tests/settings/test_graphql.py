from tessera.kit.actor import SYSTEM, Actor, ActorKind
from tessera.testing.house import House

BEN = Actor(kind=ActorKind.AGENT, id=2, name="Ben")

SET = """
mutation Set($name: String!, $value: JSON) {
  settingSet(name: $name, value: $value) {
    setting { name description value default changed } userErrors { code field reason message }
  }
}
"""


async def test_a_setting_is_found_changed_and_brought_back(house: House) -> None:
    found = await house.ask('{ settings(query: "files.place") { name value default changed } }', actor=SYSTEM)
    assert found["settings"] == [{"name": "files.place", "value": "folder", "default": "folder", "changed": False}]
    changed = await house.ask(SET, {"name": "files.place", "value": "database"}, actor=SYSTEM)
    assert changed["settingSet"]["setting"]["value"] == "database"
    assert changed["settingSet"]["setting"]["changed"] is True
    back = await house.ask(SET, {"name": "files.place", "value": None}, actor=SYSTEM)
    assert back["settingSet"]["setting"]["value"] == "folder"
    assert back["settingSet"]["setting"]["changed"] is False


async def test_a_wrong_value_blames_its_argument(house: House) -> None:
    answer = await house.ask(SET, {"name": "files.max_bytes", "value": "many"}, actor=SYSTEM)
    [error] = answer["settingSet"]["userErrors"]
    assert (error["code"], error["field"], error["reason"]) == ("INVALID", ["value"], "settings.invalid_value")
    assert "a whole number" in error["message"]
    answer = await house.ask(SET, {"name": "no.such", "value": 1}, actor=SYSTEM)
    [error] = answer["settingSet"]["userErrors"]
    assert (error["code"], error["field"], error["reason"]) == ("NOT_FOUND", ["name"], "settings.unknown")


async def test_others_neither_read_nor_write(house: House) -> None:
    answer = await house.graphql("{ settings { name } }", actor=BEN)
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    answer = await house.graphql("{ settings { name } }")
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    refused = await house.ask(SET, {"name": "files.place", "value": "database"}, actor=BEN)
    assert refused["settingSet"]["userErrors"][0]["code"] == "FORBIDDEN"
    assert refused["settingSet"]["setting"] is None
