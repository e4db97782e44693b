"""Sets of packages made by hand: tiny wheels, and what an installer writes into the house's database."""

import hashlib
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tessera.assembly import assemble
from tessera.assembly.runtime import open_runtime
from tessera.files import service as files
from tessera.kit.actor import SYSTEM
from tessera.kit.config import Config
from tessera.kit.unit import Unit
from tessera.packages import queries, service
from tessera.packages.models import Member, Package, PackageState

GOOD = """
import strawberry
from tessera.engine.roots import Query
from tessera.plugin import Extension, hookimpl

@strawberry.type
class Hello:
    @strawberry.field
    def {label}(self) -> str:
        return "{version}"

@hookimpl
def extensions():
    return [Extension(Query, Hello)]
"""
DEADLY = GOOD.replace('return "{version}"', "import os; os._exit(3)")
"""Starts well, and ends the process when it is asked."""

RAISES = "raise RuntimeError('This package never works.')"
DIES = "import os; os._exit(3)"


def wheel(label: str, version: str, plugin: str = GOOD) -> tuple[Member, bytes]:
    """Build the wheel of a package whose one field tells its version."""
    name, module = f"tessera-{label}", f"tessera_{label}"
    information = f"{module}-{version}.dist-info"
    files_of = {
        f"{module}/__init__.py": "",
        f"{module}/migrations/__init__.py": "",
        f"{module}/plugin.py": plugin.replace("{label}", label).replace("{version}", version),
        f"{information}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{information}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{information}/entry_points.txt": f"[tessera]\n{label} = {module}\n",
        f"{information}/RECORD": "",
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, text in files_of.items():
            archive.writestr(path, text)
    content = packed.getvalue()
    filename = f"{module}-{version}-py3-none-any.whl"
    return Member(name, version, label, filename, hashlib.sha256(content).hexdigest()), content


async def install(data: Path, wheels: Sequence[tuple[Member, bytes]], **environment: Any) -> int:
    """Let a house run exactly these packages, as a command beside the server does; return the revision."""
    config = Config(data=data, **environment)

    async def write(unit: Unit) -> int:
        for member, content in wheels:
            await files.store(unit, content)
            given: dict[str, Any] = {
                "version_installed": member.version,
                "state": PackageState.ENABLED,
                "sha256": member.sha256,
            }
            row = await Package.get_or_none(name=member.label)
            if row is None:
                await Package.create(name=member.label, distribution=member.name, **given, **NOTHING)
            else:
                await Package.filter(id=row.id).update(**given, problem=None)
        newest = await queries.wanted_set()
        members = [member for member, _ in wheels]
        made = await service.publish(unit, members, after=newest.revision if newest else 0, reason="a test")
        return made.revision

    async with open_runtime(assemble(config, packages=())) as runtime:
        return await runtime.units.run(SYSTEM, write)


NOTHING: dict[str, Any] = {
    "title": "A package",
    "description": "",
    "requires": "[]",
    "framework": "",
    "permissions": "[]",
    "tables": "[]",
    "settings": "[]",
}
