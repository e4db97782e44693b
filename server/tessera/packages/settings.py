"""What administrators may change about packages."""

from typing import Any

from tessera.plugin import Setting

REPOSITORIES: Setting[list[Any]] = Setting(
    "packages.repositories",
    list,
    default=[],
    sentence="Where packages come from, first things first: folders, or URLs (`file:`, `http:`, `https:`).",
)

TRUSTED_KEYS: Setting[list[Any]] = Setting(
    "packages.trusted_keys",
    list,
    default=[],
    sentence="Keys (`ed25519:…`) whose signature makes a repository's index good.",
)

MAX_BYTES = Setting(
    "packages.max_bytes",
    int,
    default=100 * 1024 * 1024,
    sentence="How large a package's wheel may be, in bytes.",
    minimum=1024,
    maximum=2 * 1024 * 1024 * 1024,
)
