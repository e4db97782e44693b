"""The pages of what an administrator sets and grants: configuration, settings, permissions."""

from tessera.assembly import Assembly
from tessera.kit.config import Config
from tessera.kit.events import to_json
from tessera.plugin import Setting
from tools.docs.markdown import code, page, table

KINDS = {bool: "yes or no", int: "whole number", float: "number", str: "text", list: "list", dict: "object"}


def configuration() -> str:
    """Write the page of the environment."""
    rows = [
        (code(f"TESSERA_{name.upper()}"), field.description or "", code(_default(field.default)))
        for name, field in Config.model_fields.items()
    ]
    return page(
        "Configuration",
        "What a process is told by its environment, read once when it starts. A wrong value ends the program with one "
        "sentence. What may change while the server runs is a [setting](settings.md).",
        table(("variable", "meaning", "default"), rows),
    )


def _default(value: object) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def settings(assembly: Assembly) -> str:
    """Write the page of the settings."""
    rows = [
        (code(setting.name), setting.sentence, _values(setting), code(to_json(setting.default)))
        for _, setting in sorted(assembly.settings.items())
    ]
    return page(
        "Settings",
        "What an administrator may change while the server runs: `tessera setting set NAME VALUE`, or the mutation "
        "`settingSet`, which needs the permission `settings.manage`. Every change is in the journal.",
        table(("setting", "meaning", "values", "default"), rows),
    )


def _values(setting: Setting[object]) -> str:
    if setting.choices:
        return ", ".join(code(to_json(choice)) for choice in setting.choices)
    bounds = [
        f"{word} {bound:,.0f}".replace(",", " ")
        for word, bound in (("from", setting.minimum), ("to", setting.maximum))
        if bound is not None
    ]
    return " ".join([KINDS[setting.kind], *bounds])


def permissions(assembly: Assembly) -> str:
    """Write the page of the permissions."""
    rows = [(code(name), permission.sentence) for name, permission in sorted(assembly.permissions.items())]
    return page(
        "Permissions",
        "What a role may allow, beside the seven rights that roles and agents hold on groups. A role gets permissions "
        "with `roleCreate` and `roleUpdate`; an API token may be limited to some of its owner's.",
        table(("permission", "allows"), rows),
        "## Rights on a group",
        "A queue belongs to a group. On a group an agent holds, by a role or directly:",
        table(("right", "allows"), RIGHTS),
    )


RIGHTS = (
    ("`ro`", "see the tickets of its queues"),
    ("`move_into`", "move tickets into its queues"),
    ("`create`", "open tickets in its queues"),
    ("`note`", "add notes to tickets"),
    ("`owner`", "change the owner of tickets"),
    ("`priority`", "change the priority of tickets"),
    ("`rw`", "everything, the other six included"),
)
