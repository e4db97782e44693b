"""Configuration: what is wrong is said in one sentence that names the variable, never with a traceback."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from tessera import cli
from tessera.kit.config import Config, ConfigurationError

WRONG = [
    ("TESSERA_DATABASE_URL", "oracle://host/name"),
    ("TESSERA_DATABASE_URL", "nonsense"),
    ("TESSERA_REDIS_URL", "http://127.0.0.1"),
    ("TESSERA_SMTP_URL", "mail.example.org"),
    ("TESSERA_SECRET", "short"),
    ("TESSERA_ADMIN_PASSWORD", "1234567"),
    ("TESSERA_PUBLIC_URL", "desk.example.org"),
    ("TESSERA_LOG_LEVEL", "loud"),
    ("TESSERA_LOG_JSON", "perhaps"),
]


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in os.environ:
        if name.startswith("TESSERA_") and not name.startswith("TESSERA_TEST_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_value_is_named_without_being_told(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as caught:
        Config.read()
    sentence = str(caught.value)
    assert sentence.startswith(f"{name} is wrong: ")
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert value not in sentence.removeprefix(name)


def test_without_any_environment_everything_is_in_the_data_folder(tmp_path: Path) -> None:
    config = Config.read()
    assert config.database == f"sqlite://{tmp_path}/data/tessera.sqlite3"
    assert config.on_sqlite
    assert config.embedded
    assert config.outbox == Path("data/outbox")


def test_an_argument_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TESSERA_DATA", "elsewhere")
    assert Config.read().data == Path("elsewhere")
    assert Config.read(data=tmp_path).data == tmp_path


def test_the_key_is_made_once_and_kept_to_oneself() -> None:
    config = Config.read()
    key = config.key()
    assert config.key() == Config.read().key() == key
    assert len(key) >= 32
    assert (config.data / "secret").stat().st_mode & 0o077 == 0


def test_the_given_secret_is_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TESSERA_SECRET", "a secret long enough")
    config = Config.read()
    assert config.key() == b"a secret long enough"
    assert not config.data.exists()
    assert "long enough" not in repr(config)


SENTENCES = [
    (*WRONG[0], "TESSERA_DATABASE_URL is wrong"),
    ("TESSERA_DATABASE_URL", "postgres://127.0.0.1:1/tessera", "does not answer"),
    ("TESSERA_DATABASE_URL", "mariadb://127.0.0.1:1/tessera", "does not answer"),
    ("TESSERA_DATABASE_URL", "postgres://127.0.0.1", "one database name"),
    ("TESSERA_DATABASE_URL", "sqlite:///nowhere/at/all/file", "does not exist"),
    ("TESSERA_DATA", "/dev/null/data", "TESSERA_DATA is wrong"),
    ("TESSERA_SECRET", "short", "TESSERA_SECRET is wrong"),
]


@pytest.mark.parametrize(
    ("command", "wrong"),
    [
        *((command, wrong) for command in (["check"], ["audit", "verify"]) for wrong in SENTENCES),
        *((["serve", "--port", "0"], wrong) for wrong in SENTENCES[:2]),  # each takes a process of its own
    ],
)
def test_every_command_says_what_is_wrong_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: list[str],
    wrong: tuple[str, str, str],
) -> None:
    name, value, sentence = wrong
    monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["tessera", *command])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    said = capsys.readouterr()
    assert caught.value.code == 1
    assert sentence in said.err
    assert len(said.err.strip().splitlines()) == 1
    assert said.out == ""


def test_a_worker_says_what_it_lacks(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["tessera", "work"])
    for name, value, sentence in (
        ("TESSERA_LOG_LEVEL", "ERROR", "There is no Redis (TESSERA_REDIS_URL)"),
        ("TESSERA_REDIS_URL", "redis://127.0.0.1:1", "run `tessera migrate`, or start the server first."),
    ):
        monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as caught:
            cli.main()
        said = capsys.readouterr().err
        assert caught.value.code == 1
        assert sentence in said
        assert len(said.strip().splitlines()) == 1


def test_the_command_itself_ends_without_a_traceback() -> None:
    environment = os.environ | {"TESSERA_REDIS_URL": "nonsense"}
    command = [sys.executable, "-m", "tessera", "serve"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 1
    assert ended.stderr == (
        "TESSERA_REDIS_URL is wrong: must be a URL that begins with redis:// or rediss:// or unix://.\n"
    )
    assert ended.stdout == ""
