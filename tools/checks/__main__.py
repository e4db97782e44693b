"""Run every check over the product and say what is broken."""

import sys

from tools.checks import resolver_length, visible_first, writes_in_service
from tools.checks.source import modules


def main() -> int:
    """Print every finding; return 1 when there is one."""
    house = list(modules())
    guarded = visible_first.guarded_slices(house)
    findings = [
        finding
        for module in house
        for found in (
            writes_in_service.check(module),
            resolver_length.check(module),
            visible_first.check(module, guarded),
        )
        for finding in found
    ]
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
