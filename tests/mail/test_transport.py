from pathlib import Path

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword

from tessera.mail._transport import Report, deliver
from tests.mail.servers import make_certificate, smtp_server, tls_of

RAW = b"Subject: x\r\n\r\nhello\r\n"
TO = ["a@x.example", "b@x.example"]


async def send(url: str | None, folder: Path = Path("unused"), sender: str = "me@desk.example") -> Report:
    return await deliver(url=url, outbox=folder, sender=sender, recipients=TO, name="<id@x>", raw=RAW)


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """A certificate that this process trusts."""
    pem, secret = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    return pem, secret


async def test_the_outbox_takes_every_mail_once(tmp_path: Path) -> None:
    for _ in range(2):
        assert (await send(None, tmp_path / "new")).accepted == tuple(TO)
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["id@x.eml"]
    assert (tmp_path / "new" / "id@x.eml").read_bytes() == RAW


async def test_an_outbox_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    report = await send(None, tmp_path / "file")
    assert set(report.deferred) == set(TO)


async def test_a_plain_server_takes_mail() -> None:
    async with smtp_server() as server:
        assert await send(server.url) == Report(accepted=tuple(TO))
        [envelope] = server.envelopes
        assert (envelope.mail_from, envelope.rcpt_tos, envelope.content) == ("me@desk.example", TO, RAW)


async def test_mails_nobody_shall_answer_have_no_sender_on_their_envelope() -> None:
    async with smtp_server() as server:
        await send(server.url, sender="")
        assert server.envelopes[0].mail_from == "<>"


async def test_encryption_is_used_when_offered_even_by_a_stranger(tmp_path: Path) -> None:
    async with smtp_server(tls_context=tls_of(*make_certificate(tmp_path)), require_starttls=True) as server:
        assert (await send(server.url)).accepted == tuple(TO)
        assert set((await send(server.url + "?starttls=required")).deferred) == set(TO)
        assert (await send(server.url + "?starttls=required&verify=no")).accepted == tuple(TO)
        assert set((await send(server.url + "?starttls=never")).deferred) == set(TO)


async def test_a_password_travels_to_a_known_server_alone(certificate: tuple[Path, Path]) -> None:
    seen = []

    def check(_server: object, _session: object, _envelope: object, _mechanism: str, data: object) -> AuthResult:
        assert isinstance(data, LoginPassword)
        seen.append((data.login, data.password))
        return AuthResult(success=data.password == b"p/w", handled=False)

    options = {"tls_context": tls_of(*certificate), "authenticator": check, "auth_required": True}
    async with smtp_server(**options) as server:
        where = f"localhost:{server.port}"
        assert (await send(f"smtp://me%40x:p%2Fw@{where}")).accepted == tuple(TO)
        assert seen == [(b"me@x", b"p/w")]
        refused = await send(f"smtp://me%40x:wrong@{where}")
        assert set(refused.deferred) == set(TO)
        assert "wrong" not in "".join(refused.deferred.values())


async def test_a_password_does_not_travel_to_a_stranger(tmp_path: Path) -> None:
    seen: list[object] = []

    def check(*data: object) -> AuthResult:
        seen.append(data)
        return AuthResult(success=True)

    options = {"tls_context": tls_of(*make_certificate(tmp_path)), "authenticator": check}
    async with smtp_server(**options) as server:
        assert set((await send(f"smtp://me:pw@localhost:{server.port}")).deferred) == set(TO)
    async with smtp_server(authenticator=check, auth_require_tls=False) as server:
        assert set((await send(f"smtp://me:pw@localhost:{server.port}")).deferred) == set(TO)
    assert seen == []


async def test_an_address_the_server_cannot_spell_is_refused_for_good() -> None:
    recipients = ["ünal@x.example", "a@x.example"]
    async with smtp_server(enable_SMTPUTF8=False) as server:
        report = await deliver(
            url=server.url, outbox=Path("unused"), sender="me@x.example", recipients=recipients, name="<i>", raw=RAW
        )
        assert (set(report.refused), set(report.deferred)) == ({"ünal@x.example"}, {"a@x.example"})
        assert server.envelopes == []


@pytest.mark.parametrize(
    "url", ["smtp://127.0.0.1:9", "smtps://127.0.0.1:9", "smtp://no.such.host.invalid", "smtp://x:99999"]
)
async def test_a_server_that_is_not_there_is_tried_again(url: str) -> None:
    report = await send(url)
    assert set(report.deferred) == set(TO)
    assert all(report.deferred.values())
