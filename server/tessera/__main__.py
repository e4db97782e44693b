"""`python -m tessera` is the `tessera` command."""

import sys
from importlib import import_module

LIGHT = {
    **dict.fromkeys(("serve", "demo", "work"), "tessera.supervisor.commands"),
    "generation": "tessera.generation.start",
}
"""What must not carry all slices along: the supervisor lives as long as the server, a generation says hello first."""


def main() -> None:
    """Run the `tessera` command."""
    first = sys.argv[1] if len(sys.argv) > 1 else ""
    import_module(LIGHT.get(first, "tessera.cli")).main()


if __name__ == "__main__":
    main()
