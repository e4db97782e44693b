"""The documentation: generated pages are current, and every link leads somewhere."""

import re
from pathlib import Path

import pytest

from tessera.testing.house import base_assembly
from tools.docs.hooks import asked
from tools.docs.pages import ROOT, pages
from tools.docs.problems import kinds
from tools.events import house_events

LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")
HAND_WRITTEN = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
INDEX = ROOT / "docs" / "README.md"


@pytest.mark.parametrize("name", sorted(pages()))
def test_a_generated_page_is_current(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8") == pages()[name], "run `make docs`"


def test_everything_declared_has_its_place() -> None:
    assembly = base_assembly()
    expected = {
        "docs/admin/settings.md": {f"| `{name}` |" for name in assembly.settings},
        "docs/admin/permissions.md": {f"| `{name}` |" for name in assembly.permissions},
        "docs/admin/commands.md": {f"## tessera {command.name}" for command in assembly.commands},
        "docs/api/events.md": {f"## `{event.name}`" for event in house_events()},
        "docs/api/problems.md": {f"### {kind.code} `{kind.reason}`" for kind in kinds() if kind.reason is not None},
        "docs/plugins/hooks.md": {f"### `{name}() -> " for name in asked()},
    }
    for page, names in expected.items():
        assert names
        text = (ROOT / page).read_text(encoding="utf-8")
        assert {name for name in names if name not in text} == set(), page


@pytest.mark.parametrize("path", HAND_WRITTEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_link_leads_somewhere(path: Path) -> None:
    targets = LINK.findall(path.read_text(encoding="utf-8"))
    assert [target for target in targets if not (path.parent / target).exists()] == []


def test_the_index_leads_to_every_page() -> None:
    linked = {(INDEX.parent / target).resolve() for target in LINK.findall(INDEX.read_text(encoding="utf-8"))}
    others = {path for path in HAND_WRITTEN if path.is_relative_to(INDEX.parent) and path != INDEX}
    assert {path for path in others if path not in linked and path.parent not in linked} == set()
