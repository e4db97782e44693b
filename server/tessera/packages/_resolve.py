"""Which wheels fulfil a wish, beside an environment that is not changed, and in which order they come; pure."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from packaging.markers import default_environment
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from tessera.packages._wheels import KERNEL, Facts, named
from tessera.packages.models import MAX_DISTRIBUTION

MAX_STEPS = 20_000
HERE = ".".join(str(part) for part in sys.version_info[:3])


class Unresolvable(Exception):
    """A wish cannot be fulfilled; the message is a sentence."""


@dataclass(frozen=True)
class Offer:
    """A wheel within reach: what it says, how large it is, and where it is from (empty: it is stored already)."""

    filename: str
    sha256: str
    size: int
    source: str
    facts: Facts

    @property
    def version(self) -> Version:
        """Its version, for comparisons."""
        return Version(self.facts.version)

    @property
    def pin(self) -> str:
        """Its name and version, as a requirement."""
        return f"{self.facts.name}=={self.facts.version}"


def requirement(text: str) -> Requirement:
    """Read a name or a version requirement such as `tessera-faq>=1,<2`.

    Raises `Unresolvable` for anything else, direct URLs included.
    """
    try:
        found = Requirement(text.strip())
    except InvalidRequirement:
        raise Unresolvable(f"`{text.strip()[:200]}` is no name and no version requirement.") from None
    if found.url:
        raise Unresolvable("Packages come from repositories, not from an address in the requirement.")
    if len(found.name) > MAX_DISTRIBUTION:
        raise Unresolvable(f"The name of a package has at most {MAX_DISTRIBUTION} characters.")
    return found


def resolve(
    wanted: Sequence[Requirement], offers: Sequence[Offer], base: Mapping[str, str], *, kept: Sequence[Offer] = ()
) -> list[Offer]:
    """Return the wheels that fulfil the wishes, what is needed before what needs it.

    `base` are the environment's distributions by canonical name, which stay as they are. Of `kept` (what runs now) no
    other version is taken unless it must be. Newer is better. Raises `Unresolvable` with the first reason met.
    """
    search = _Search(offers, base, kept)
    chosen = search.run([(each, "") for each in wanted], {})
    if chosen is None:
        raise Unresolvable(search.reason)
    return order(list(chosen.values()))


def order(offers: Sequence[Offer]) -> list[Offer]:
    """Return wheels so that each comes behind those it needs, otherwise by name.

    Raises `Unresolvable` when some need each other.
    """
    waiting = {offer.facts.name: offer for offer in sorted(offers, key=lambda each: each.facts.name)}
    ordered: list[Offer] = []
    while waiting:
        free = [
            offer
            for offer in waiting.values()
            if not any(canonicalize_name(need.name) in waiting for need in _needs(offer, frozenset()))
        ]
        if not free:
            raise Unresolvable(f"{' and '.join(waiting)} need each other.")
        ordered += free
        for offer in free:
            del waiting[offer.facts.name]
    return ordered


class _Search:
    """A depth-first search with the newest first; it remembers why it failed first."""

    def __init__(self, offers: Sequence[Offer], base: Mapping[str, str], kept: Sequence[Offer]) -> None:
        self.base = base
        self.reason = "Nothing fulfils this."
        self._steps = 0
        self._offers: dict[str, list[Offer]] = {}
        kept_digests = {offer.sha256 for offer in kept}
        for offer in (*kept, *offers):
            known = self._offers.setdefault(offer.facts.name, [])
            if all(each.filename != offer.filename for each in known):
                known.append(offer)
        for known in self._offers.values():
            known.sort(key=lambda each: (each.sha256 in kept_digests, each.version), reverse=True)

    def run(self, wishes: list[tuple[Requirement, str]], chosen: dict[str, Offer]) -> dict[str, Offer] | None:
        """Fulfil the wishes, each with the name of who has it; None when that is impossible."""
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise Unresolvable("The requirements contradict each other in too many ways.")
        if not wishes:
            return chosen
        (wish, by), *rest = wishes
        name, who = canonicalize_name(wish.name), by or "The request"
        if name in self.base:
            return self.run(rest, chosen) if self._base_fits(wish, who) else None
        if name in chosen:
            if wish.specifier.contains(chosen[name].version, prereleases=True):
                return self.run(rest, chosen)
            self._no(f"{who} wants {wish.name}{wish.specifier}, others want {chosen[name].pin}.")
            return None
        for offer in self._fitting(wish, who):
            more = [(need, offer.facts.name) for need in _needs(offer, frozenset(wish.extras))]
            found = self.run([*more, *rest], {**chosen, name: offer})
            if found is not None:
                return found
        return None

    def _base_fits(self, wish: Requirement, who: str) -> bool:
        installed = self.base[canonicalize_name(wish.name)]
        if wish.specifier.contains(installed, prereleases=True):
            return True
        if canonicalize_name(wish.name) == KERNEL:
            self._no(f"{who} runs on Tessera {wish.specifier}, and this server is {installed}.")
        else:
            self._no(
                f"{who} wants {wish.name}{wish.specifier}, but the server's environment has {wish.name} {installed}, "
                "which packages may not change."
            )
        return False

    def _fitting(self, wish: Requirement, who: str) -> list[Offer]:
        known = self._offers.get(canonicalize_name(wish.name), [])
        if not known:
            self._no(
                f"{who} needs {wish.name}{wish.specifier}, which is in no repository."
                if who != "The request"
                else f"There is no {wish.name} in the repositories."
            )
            return []
        versions = {str(offer.version) for offer in known}
        right = [offer for offer in known if str(offer.version) in set(wish.specifier.filter(versions))]
        if not right:
            newest = max(known, key=lambda each: each.version)
            self._no(f"{who} wants {wish.name}{wish.specifier}; the newest within reach is {newest.facts.version}.")
            return []
        usable = [offer for offer in right if named(offer.filename)[2] and _runs_here(offer)]
        if not usable:
            self._no(f"{right[0].pin} is made for another machine or another version of Python.")
        return usable

    def _no(self, reason: str) -> None:
        if self.reason == "Nothing fulfils this.":
            self.reason = reason


def _needs(offer: Offer, extras: frozenset[str]) -> list[Requirement]:
    """Return what a wheel needs on this machine."""
    found = []
    for text in offer.facts.requires:
        need = Requirement(text)
        environments: list[dict[str, Any]] = [{**default_environment(), "extra": extra} for extra in (*extras, "")]
        if need.marker is None or any(need.marker.evaluate(each) for each in environments):
            found.append(need)
    return found


def _runs_here(offer: Offer) -> bool:
    return SpecifierSet(offer.facts.requires_python).contains(HERE, prereleases=True)
