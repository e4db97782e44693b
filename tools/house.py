"""The house as this checkout builds it: the kernel and whatever packages are installed beside it."""

from functools import cache

from tessera.assembly import Assembly, assemble
from tessera.kit.config import Config


@cache
def whole_house() -> Assembly:
    return assemble(Config())


def belongs(kind: type) -> bool:
    """Tell whether a class is the kernel's or an installed package's, and not a test's."""
    return kind.__module__.partition(".")[0] in {each.package for each in whole_house().distributions}
