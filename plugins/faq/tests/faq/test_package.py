"""The package as it is installed."""

from importlib.metadata import entry_points, metadata


def test_it_is_found_and_names_its_licence() -> None:
    assert [entry.value for entry in entry_points(group="tessera", name="faq")] == ["tessera_faq"]
    assert metadata("tessera-faq")["License-Expression"] == "MIT"
