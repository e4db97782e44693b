"""The package as it is installed."""

from importlib.metadata import entry_points, metadata


def test_it_is_found_and_names_its_licence() -> None:
    assert [entry.value for entry in entry_points(group="tessera", name="masterslave")] == ["tessera_masterslave"]
    assert metadata("tessera-masterslave")["License-Expression"] == "MIT"
