import json
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from tessera.packages._resolve import Offer, Unresolvable, order, requirement, resolve
from tessera.packages._wheels import Facts
from tests.corpus import CORPUS

TABLES = CORPUS / "tables" / "Package"
BASE = {"tessera-server": "0.1.0", "starlette": "1.10.0"}


def offer(pin: str, *requires: str, label: str = "", python: str = "", tags: str = "py3-none-any") -> Offer:
    name, version = pin.split("==")
    facts = Facts(name, version, label, name, "", None, None, None, requires, python)
    filename = f"{name.replace('-', '_')}-{version}-{tags}.whl"
    return Offer(filename, f"{name}{version}".encode().hex().ljust(64, "0"), 1, "there", facts)


def pins(wanted: list[str], offers: list[Offer], kept: list[Offer] | None = None) -> list[str]:
    found = resolve([Requirement(each) for each in wanted], offers, BASE, kept=kept or [])
    return [each.pin for each in found]


def test_the_newest_that_fits_is_taken_and_what_is_needed_comes_first() -> None:
    offers = [offer("a==1.0"), offer("a==1.2", "b>=1"), offer("a==2.0", "nowhere"), offer("b==1.0", "c"), offer("c==3")]
    assert pins(["a"], offers) == ["c==3", "b==1.0", "a==1.2"]
    assert pins(["a<1.2"], offers) == ["a==1.0"]


def test_a_version_before_a_release_is_taken_only_when_it_is_named() -> None:
    offers = [offer("a==1.0"), offer("a==2.0rc1")]
    assert pins(["a"], offers) == ["a==1.0"]
    assert pins(["a>=2.0rc1"], offers) == ["a==2.0rc1"]


def test_what_runs_stays_unless_it_must_change() -> None:
    old, new = offer("b==1.0"), offer("b==2.0")
    assert pins(["a", "b"], [offer("a==1.0", "b"), old, new], [old]) == ["b==1.0", "a==1.0"]
    assert pins(["a", "b"], [offer("a==1.0", "b>=2"), old, new], [old]) == ["b==2.0", "a==1.0"]


@pytest.mark.parametrize(
    ("offers", "why"),
    [
        ([], "There is no a in the repositories."),
        ([offer("a==1.0", "tessera-server>=9")], "a runs on Tessera >=9, and this server is 0.1.0."),
        (
            [offer("a==1.0", "starlette<1")],
            "a wants starlette<1, but the server's environment has starlette 1.10.0, which packages may not change.",
        ),
        ([offer("a==1.0", "missing>=2")], "a needs missing>=2, which is in no repository."),
        ([offer("a==1.0", "b>=2"), offer("b==1.0")], "a wants b>=2; the newest within reach is 1.0."),
        ([offer("a==1.0", python="<3")], "a==1.0 is made for another machine or another version of Python."),
        (
            [offer("a==1.0", tags="cp27-cp27m-win32")],
            "a==1.0 is made for another machine or another version of Python.",
        ),
        ([offer("a==1.0", "b"), offer("b==1.0", "a")], "a and b need each other."),
        (
            [offer("a==1.0", "b==1", "c"), offer("b==1"), offer("b==2"), offer("c==1", "b==2")],
            "c wants b==2, others want b==1.",
        ),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(offers: list[Offer], why: str) -> None:
    with pytest.raises(Unresolvable) as refused:
        pins(["a"], offers)
    assert str(refused.value) == why


def test_requirements_of_other_machines_and_extras_do_not_count() -> None:
    offers = [offer("a==1.0", 'missing; sys_platform == "nowhere"', 'b; extra == "more"'), offer("b==1.0")]
    assert pins(["a"], offers) == ["a==1.0"]
    assert sorted(pins(["a[more]"], offers)) == ["a==1.0", "b==1.0"]


@pytest.mark.parametrize("text", ["", "a b", "a @ https://example.com/a.whl", "../a", "a>=x"])
def test_a_wish_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(Unresolvable):
        requirement(text)


def table(name: str) -> dict[str, Any]:
    file = TABLES / name
    if not file.is_file():
        pytest.skip(f"the table {name} is not here")
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def test_versions_compare_as_the_table_says() -> None:
    for case in table("CheckVersion.json")["Tests"]:
        installed, new = case["VersionInstalled"], case["VersionNew"]
        if case["Type"] == "Min":
            assert SpecifierSet(f">{new}").contains(installed) is bool(case["Result"]), case
        elif case["Type"] == "Max":
            assert SpecifierSet(f"<{new}").contains(installed) is bool(case["Result"]), case


def _listed(data: dict[str, Any], given: Any) -> list[dict[str, Any]]:
    if isinstance(given, str):
        return list(data[given.strip("{}")])
    return [each for entry in given for each in (_listed(data, entry) if isinstance(entry, str) else [entry])]


def _cases() -> list[dict[str, Any]]:
    data = table("PackageInstallOrderListGet.json")
    return [
        {
            "online": {each["Name"]: each for each in _listed(data, case["Config"]["OnlinePackages"])},
            **case["ExpectedResult"],
        }
        for case in data["Tests"]
        if case.get("Success")
    ]


def test_packages_come_in_the_order_of_the_table() -> None:
    for case in _cases():
        good = [name for name in case["InstallOrder"] if name in case["online"]]
        offers = [
            offer(
                f"{name}=={case['online'][name]['Version']}".lower(),
                *(
                    f"{need['Content'].lower()}>={need['Version']}"
                    for need in case["online"][name].get("PackageRequired", [])
                ),
            )
            for name in good
        ]
        places = {each.facts.name: place for place, each in enumerate(order(offers))}
        assert len(places) == len(good)
        for name in good:
            for need in case["online"][name].get("PackageRequired", []):
                assert places[need["Content"].lower()] < places[name.lower()]
                assert case["InstallOrder"][need["Content"]] > case["InstallOrder"][name]


def test_what_the_table_says_fails_fails() -> None:
    for case in _cases():
        offers = [
            offer(
                f"{name}=={each['Version']}".lower(),
                *(f"{need['Content'].lower()}>={need['Version']}" for need in each.get("PackageRequired", [])),
            )
            for name, each in case["online"].items()
        ]
        for name in case["Failed"].get("DependencyFail", {}):
            with pytest.raises(Unresolvable):
                pins([name.lower()], offers)
