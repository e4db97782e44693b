"""Write the migration that takes tables to their models: `python -m tools.make_migration NAME [LABEL]`."""

import asyncio
import sys

from tessera.assembly import assemble
from tessera.kit.config import Config
from tessera.kit.db.migrations import make_migration


def main() -> int:
    if len(sys.argv) < 2:  # noqa: PLR2004 - the program and its one word
        print(__doc__, file=sys.stderr)
        return 2
    name, label = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "tessera"  # noqa: PLR2004 - a label was given, too
    path = asyncio.run(make_migration(assemble(Config()).apps, label, name))
    print(path or "Nothing to write: models and migrations agree.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
