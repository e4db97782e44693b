"""The packages tests put beside the kernel."""

from tessera.assembly.discovery import Distribution, installed
from tessera.kit.config import Config
from tessera.testing.house import assembly_with

DUMMY = Distribution("dummy", "tessera_dummy", ("",))

EVERYTHING = assembly_with(*installed(Config()), DUMMY)
"""The kernel, what is installed, and the dummy."""
