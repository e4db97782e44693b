"""What the supervisor holds: sockets on every address of a host, and the data folder."""

import os
import socket
from contextlib import closing
from pathlib import Path

import pytest

from tessera.supervisor.doors import Taken, listen, lock


def has_ipv6() -> bool:
    """Tell whether this machine's loopback speaks IPv6; containers often do not."""
    try:
        with closing(socket.socket(socket.AF_INET6)) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")


def answers(family: socket.AddressFamily, address: tuple[str, int]) -> bool:
    with closing(socket.socket(family)) as client:
        return client.connect_ex(address) == 0


@needs_ipv6
def test_an_address_of_ipv6_is_listened_on() -> None:
    (held,) = listen("::1", 0)
    with closing(held):
        held.listen()
        port = held.getsockname()[1]
        assert answers(socket.AF_INET6, ("::1", port))
        assert not answers(socket.AF_INET, ("127.0.0.1", port))


@needs_ipv6
def test_no_host_means_every_address_on_one_port() -> None:
    held = listen("", 0)
    try:
        for each in held:
            each.listen()
        (port,) = {each.getsockname()[1] for each in held}
        assert answers(socket.AF_INET, ("127.0.0.1", port))
        assert answers(socket.AF_INET6, ("::1", port))
    finally:
        for each in held:
            each.close()


def test_a_port_somebody_has_and_a_host_nobody_knows_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tessera.supervisor.doors.PATIENCE_SECONDS", 0.0)
    (held,) = listen("127.0.0.1", 0)
    with closing(held):
        held.listen()
        port = held.getsockname()[1]
        with pytest.raises(Taken, match=rf"^Nobody can listen on 127\.0\.0\.1:{port}: Address already in use\.$"):
            listen("127.0.0.1", port)
    with pytest.raises(Taken, match=r"^Nobody can listen on nowhere\.invalid:80: "):
        listen("nowhere.invalid", 80)


def test_a_data_folder_has_one_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tessera.supervisor.doors.PATIENCE_SECONDS", 0.0)
    held = lock(tmp_path)
    with pytest.raises(Taken, match=f"already running on {tmp_path};"):
        lock(tmp_path)
    os.close(held)
    os.close(lock(tmp_path))
