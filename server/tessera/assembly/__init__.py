"""The joinery: everything declared, checked, indexed, frozen; replaced whole, never edited."""

from tessera.assembly.assembly import Assembly, assemble
from tessera.assembly.checks import AssemblyError

__all__ = ["Assembly", "AssemblyError", "assemble"]
