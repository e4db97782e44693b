import base64
import json
from datetime import timedelta
from pathlib import Path

import pytest

from tessera.kit import clock
from tessera.packages import _fetch, _index
from tessera.packages._fetch import Unfetchable
from tessera.packages._index import INDEX, SIGNATURE, Index, IndexUnfit
from tessera.packages._wheels import WheelUnfit, facts
from tests.manager.wheels import Answers, Repository, answers_of, served, write_wheel

MIB = 1024 * 1024


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository.make(tmp_path / "repository")
    made.add("tessera-one", "1.0", requires=("tessera-server>=0.1",))
    return made


async def test_a_folder_its_address_and_a_server_offer_the_same(repository: Repository) -> None:
    files = answers_of(repository, "shelf")
    with served(files) as address:
        places = (str(repository.folder), repository.folder.as_uri(), f"{address}/shelf", f"{address}/shelf/")
        for place in places:
            (offer,) = (await _fetch.index(place, [repository.public])).offers
            assert (offer.pin, offer.facts.label, offer.facts.framework) == ("tessera-one==1.0", "one", ">=0.1")
            assert await _fetch.wheel(offer, MIB) == (repository.folder / offer.filename).read_bytes()


async def test_a_second_key_and_a_remark_are_read(repository: Repository) -> None:
    _, other = _index.new_key()
    (offer,) = (await _fetch.index(str(repository.folder), [other, f"{repository.public} our own"])).offers
    assert offer.facts.title == "The package tessera-one."


@pytest.mark.parametrize("trusted", [[], ["other"], ["ed25519:short"], ["rsa:AAAA"]])
async def test_an_index_nobody_trusted_signed_is_refused(repository: Repository, trusted: list[str]) -> None:
    keys = [_index.new_key()[1] if key == "other" else key for key in trusted]
    with pytest.raises(IndexUnfit, match=r"trusted|begins with") as refused:
        await _fetch.index(str(repository.folder), keys)
    assert str(refused.value).endswith(".")


async def test_an_altered_index_is_refused(repository: Repository) -> None:
    index = repository.folder / INDEX
    index.write_bytes(index.read_bytes().replace(b'"size": ', b'"size":  '))
    with pytest.raises(IndexUnfit, match="not signed by a key that is trusted here, or was altered"):
        await _fetch.index(str(repository.folder), [repository.public])


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"filename": "../../etc/passwd"}, "no plain file name"),
        ({"filename": "a\\b-1.0-py3-none-any.whl"}, "no plain file name"),
        ({"filename": "one.zip"}, "no name of a wheel"),
        ({"sha256": "x"}, "damaged at wheels.0.sha256"),
        ({"size": 0}, "damaged at wheels.0.size"),
        ({"requires": ["?"]}, "damaged"),
        ({"label": "One Two"}, "damaged at wheels.0.label"),
    ],
)
def test_a_signed_index_is_still_read_with_care(repository: Repository, change: dict[str, object], why: str) -> None:
    index = json.loads((repository.folder / INDEX).read_bytes())
    index["wheels"][0] |= change
    content, key = json.dumps(index).encode(), _index.secret_key(repository.pem)
    signature = f"{repository.public} {base64.b64encode(key.sign(content)).decode()}".encode()
    with pytest.raises(IndexUnfit, match=why):
        _index.read(content, signature, [repository.public], "here")


async def test_a_wheel_that_is_not_the_named_one_is_refused(repository: Repository) -> None:
    (offer,) = (await _fetch.index(str(repository.folder), [repository.public])).offers
    file = repository.folder / offer.filename
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(Unfetchable, match="SHA-256 differs"):
        await _fetch.wheel(offer, MIB)
    file.write_bytes(content + b"more")
    with pytest.raises(Unfetchable, match="larger than announced"):
        await _fetch.wheel(offer, MIB)
    with pytest.raises(Unfetchable, match=r"packages\.max_bytes allows 10"):
        await _fetch.wheel(offer, 10)


@pytest.mark.parametrize(
    "place", ["ftp://127.0.0.1/shelf", "file://elsewhere/shelf", "/nowhere", "http://127.0.0.1:1/x"]
)
async def test_a_place_that_cannot_be_read_is_a_sentence(place: str) -> None:
    with pytest.raises(Unfetchable, match=r"\.$"):
        await _fetch.index(place, ["ed25519:AAAA"])


async def test_a_server_neither_leads_elsewhere_nor_sends_without_end(repository: Repository) -> None:
    secret = repository.folder / SIGNATURE
    answers: Answers = {
        f"/a/{INDEX}": (302, {"Location": secret.as_uri()}, b""),
        f"/b/{INDEX}": (302, {"Location": f"/b/{INDEX}"}, b""),
        f"/c/{INDEX}": (500, {}, b""),
        f"/d/{INDEX}": (200, {}, b"{}"),
        f"/d/{SIGNATURE}": (200, {}, b"x" * 20_000),
    }
    with served(answers) as address:
        for place, why in (("a", "not followed"), ("b", "too often"), ("c", "answers 500"), ("d", "larger")):
            with pytest.raises(Unfetchable, match=why):
                await _fetch.index(f"{address}/{place}", [repository.public])


async def test_a_redirect_to_another_path_is_followed(repository: Repository) -> None:
    files = answers_of(repository, "new")
    moved: Answers = {f"/old/{name}": (302, {"Location": f"/new/{name}"}, b"") for name in (INDEX, SIGNATURE)}
    with served({**files, **moved}) as address:
        assert len((await _fetch.index(f"{address}/old", [repository.public])).offers) == 1


def test_a_wheel_that_is_none_is_a_sentence(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, "tessera-two", "1.0")
    assert facts(wheel.name, wheel.read_bytes()).label == "two"
    for name, content in (
        (wheel.name, b"no archive"),
        (wheel.name, wheel.read_bytes()[:-30]),
        (wheel.name.replace("1.0", "1.1"), wheel.read_bytes()),
        (wheel.name.replace("two", "three"), wheel.read_bytes()),
    ):
        with pytest.raises(WheelUnfit, match=r"\.$"):
            facts(name, content)


async def test_a_new_index_is_dated_after_the_one_there_whatever_the_clock_says(repository: Repository) -> None:
    before = (await _fetch.index(str(repository.folder), [repository.public])).made_at
    assert before is not None
    with clock.stopped(before - timedelta(days=1)):
        repository.sign()
    after = (await _fetch.index(str(repository.folder), [repository.public])).made_at
    assert after == before + timedelta(microseconds=1)


def test_an_index_that_does_not_say_when_it_was_made_is_read_until_another_does() -> None:
    index = Index(None, ())
    index.require_not_before(None)
    with pytest.raises(IndexUnfit, match="does not say when it was made"):
        index.require_not_before(clock.now())
