"""Which generated page is made by which function."""

from pathlib import Path

from tools.docs import commands, declared, facts, hooks, problems
from tools.house import whole_house

ROOT = Path(__file__).resolve().parents[2]


def pages() -> dict[str, str]:
    """Return the text of every generated page by its path below the root."""
    assembly = whole_house()
    return {
        "docs/admin/commands.md": commands.commands(assembly),
        "docs/admin/configuration.md": declared.configuration(),
        "docs/admin/permissions.md": declared.permissions(assembly),
        "docs/admin/settings.md": declared.settings(assembly),
        "docs/api/events.md": facts.events(),
        "docs/api/problems.md": problems.problems(),
        "docs/plugins/hooks.md": hooks.hooks(),
    }
