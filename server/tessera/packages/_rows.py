"""Rows of packages, made of what wheels say; pure."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tessera.packages._resolve import Offer
from tessera.packages._wheels import KERNEL
from tessera.packages.models import Package, PackageState

UNWRITTEN = 1 << 62
"""Ids of rows that are not in the table begin here: stable, so that clients can tell them apart."""


def told(offer: Offer) -> dict[str, Any]:
    """Return the columns that a wheel speaks of."""
    facts = offer.facts
    return {
        "distribution": facts.name,
        "title": facts.title[:200],
        "description": facts.description,
        "vendor": facts.vendor[:200] if facts.vendor else None,
        "license": facts.license.splitlines()[0][:200] if facts.license else None,
        "homepage": facts.homepage[:500] if facts.homepage else None,
        "requires": json.dumps([each for each in facts.requires if not each.startswith(KERNEL)]),
        "framework": facts.framework[:200],
    }


def probed(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns that a package told when it was probed."""
    return {name: json.dumps(report[name]) for name in ("permissions", "tables", "settings")}


def needs(row: Package) -> set[str]:
    """Return the distributions a package says it needs."""
    return {canonicalize_name(Requirement(each).name) for each in json.loads(row.requires)}


def unwritten(name: str, **values: Any) -> Package:
    """Return a row that is in no table, for packages that are only shown."""
    return Package(
        **{
            "id": UNWRITTEN | (int.from_bytes(hashlib.sha256(name.encode()).digest()[:7], "big")),
            "name": name[:50],
            "distribution": name[:100],
            "title": name[:200],
            "description": "",
            "state": PackageState.AVAILABLE,
            "requires": "[]",
            "framework": "",
            "permissions": "[]",
            "tables": "[]",
            "settings": "[]",
            **values,
        }
    )


def as_offered(offer: Offer, row: Package | None = None) -> Package:
    """Return a package as it would be with an offered wheel; nothing is written."""
    values = {**told(offer), "version_available": offer.facts.version}
    if row is None:
        return unwritten(offer.facts.label or offer.facts.name, **values)
    row.update_from_dict(values)
    return row
