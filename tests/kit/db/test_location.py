"""Database URLs: what is understood, and what is refused in which words."""

from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tessera.kit.db import locate

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=20)


def test_servers() -> None:
    place = locate("postgres://anna:p%40ss@db.example:6543/desk?sslmode=require")
    assert (place.dialect, place.host, place.port, place.user) == ("postgres", "db.example", 6543, "anna")
    assert (place.password, place.database, place.ssl_mode) == ("p@ss", "desk", "require")
    assert str(place) == "postgres://db.example:6543/desk"
    assert "p@ss" not in repr(place)


@pytest.mark.parametrize(
    ("url", "dialect", "port"),
    [
        ("postgresql://h/d", "postgres", 5432),
        ("mysql://h/d", "mysql", 3306),
        ("mariadb://h/d", "mysql", 3306),
        ("MariaDB://h:1/d", "mysql", 1),
    ],
)
def test_schemes_and_ports(url: str, dialect: str, port: int) -> None:
    assert (locate(url).dialect, locate(url).port) == (dialect, port)


@pytest.mark.parametrize(
    ("url", "host", "shown"),
    [
        ("postgres://anna@%2Fvar%2Frun%2FPG/d", "/var/run/PG", "postgres://%2Fvar%2Frun%2FPG/d"),
        ("postgres://%2Frun%2FPG:6543/d", "/run/PG", "postgres://%2Frun%2FPG/d"),
        ("postgres:///d?host=/var/run/PG", "/var/run/PG", "postgres://%2Fvar%2Frun%2FPG/d"),
        ("postgres://anna@/d?sslmode=disable&host=%2Frun%2FPG", "/run/PG", "postgres://%2Frun%2FPG/d"),
        ("mariadb://anna@%2Frun%2Fmysqld%2Fmysqld.sock/d", "/run/mysqld/mysqld.sock", None),
    ],
)
def test_unix_sockets(url: str, host: str, shown: str | None) -> None:
    place = locate(url)
    assert place.is_socket
    assert (place.host, place.database) == (host, "d")
    assert place.port == (6543 if "6543" in url else 3306 if "mariadb" in url else 5432)
    assert shown is None or str(place) == shown
    assert locate(str(place)).host == host


def test_files() -> None:
    assert locate("sqlite:///var/lib/desk.db").file() == Path("/var/lib/desk.db")
    assert locate("sqlite:////var/lib/desk.db").file() == Path("/var/lib/desk.db")
    assert locate("sqlite:///a%20b/c%3Fd.db").file() == Path("/a b/c?d.db")
    assert locate("sqlite://data/desk.db").file() == Path.cwd() / "data" / "desk.db"
    with pytest.raises(ValueError, match="not a file"):
        locate("postgres://h/d").file()


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "starts with sqlite://"),
        ("desk.db", "starts with sqlite://"),
        ("oracle://hunter2@h/d", "starts with sqlite://"),
        ("sqlite://", "must name a file"),
        ("sqlite://:memory:", "must name a file"),
        ("sqlite:///folder/", "must name a file"),
        ("sqlite:///desk.db?journal_mode=OFF", "takes no options"),
        ("postgres://u:hunter2@h", "must end with one database name"),
        ("postgres://u:hunter2@h/a/b", "must end with one database name"),
        ("postgres://u:hunter2@h:port/d", "percent-encode"),
        ("postgres://u:hunter2[@h/d", "percent-encode"),
        ("postgres://u:hunter2@h/d?sslmode=maybe", "sslmode must be one of"),
        ("postgres://u:hunter2@h/d?pool=3", "unknown option: pool"),
        ("mariadb://u:hunter2@h/d?sslmode=require", "unknown option: sslmode"),
        ("mariadb://u:hunter2@/d?host=/run/x", "unknown option: host"),
        ("postgres://u:hunter2@h/d?host=db.example", "must be the folder of PostgreSQL's socket"),
    ],
)
def test_bad_urls_are_refused_in_one_sentence_without_the_password(url: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence) as failure:
        locate(url)
    assert "hunter2" not in str(failure.value)
    assert str(failure.value).endswith(".")


@given(WORDS, WORDS, WORDS)
def test_anything_percent_encoded_comes_back(user: str, password: str, database: str) -> None:
    place = locate(f"mariadb://{quote(user, safe='')}:{quote(password, safe='')}@h/{quote(database, safe='')}")
    assert (place.user, place.password) == (user, password)
    assert place.database == database


def refusal(url: str) -> str | None:
    try:
        locate(url)
    except ValueError as error:
        return str(error)
    return None


@given(st.sampled_from(["", "postgres://", "sqlite://"]), st.text(max_size=60))
def test_no_text_breaks_the_reader(scheme: str, text: str) -> None:
    assert (refusal(scheme + text) or ".").endswith(".")
