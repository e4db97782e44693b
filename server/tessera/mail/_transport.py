"""Where mails leave: a folder for people to read, or a mail server by SMTP."""

import asyncio
import os
import re
import ssl
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib
from aiosmtplib import SMTPRecipientsRefused, SMTPResponseException

from tessera.mail._charset import storable

TIMEOUT_SECONDS = 60.0
PERMANENT = 500
WANTS_CREDENTIALS = range(530, 540)
MAX_WHY = 500
_NOT_IN_NAME = re.compile(r"[^A-Za-z0-9@._+-]+")


@dataclass(frozen=True, slots=True)
class Report:
    """What the server said: who was accepted, and of the others why; a refusal is for good or for now."""

    accepted: tuple[str, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    deferred: Mapping[str, str] = field(default_factory=dict)


async def deliver(
    *, url: str | None, outbox: Path, sender: str, recipients: Sequence[str], name: str, raw: bytes
) -> Report:
    """Hand a mail to the server at an SMTP URL, or without one write it to the outbox; it never raises.

    `sender` is the envelope's, empty for mails nobody shall answer; `name` tells files in the outbox apart.
    """
    try:
        if url is None:
            await asyncio.to_thread(_write, outbox, name, raw)
            return Report(accepted=tuple(recipients))
        return await _send(url, sender, recipients, raw)
    except SMTPRecipientsRefused as error:
        answers = {each.recipient: (each.code, each.message) for each in error.recipients}
        return _report(recipients, answers)
    except SMTPResponseException as error:
        # a server that refuses us, rather than the mail or its addressees, may know us again tomorrow
        is_about_mail = isinstance(error, aiosmtplib.SMTPSenderRefused | aiosmtplib.SMTPDataError)
        is_final = is_about_mail and error.code >= PERMANENT and error.code not in WANTS_CREDENTIALS
        why = dict.fromkeys(recipients, f"{error.code} {_one_line(error.message)}")
        return Report(refused=why) if is_final else Report(deferred=why)
    except UnicodeError:
        # the server does not know international local parts; whoever has a plain address gets the mail next time
        foreign = [address for address in recipients if not address.isascii()]
        others = [address for address in recipients if address.isascii()]
        return Report(
            refused=dict.fromkeys(foreign, "The mail server takes no such address."),
            deferred=dict.fromkeys(others, "The mail server took none of the recipients, because of another one."),
        )
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        return Report(deferred=dict.fromkeys(recipients, _one_line(str(error)) or type(error).__name__))


async def _send(url: str, sender: str, recipients: Sequence[str], raw: bytes) -> Report:
    client = _client(url)
    async with client:
        refused, _ = await client.sendmail(sender, list(recipients), raw)
    return _report(recipients, {address: (answer.code, answer.message) for address, answer in refused.items()})


def _report(recipients: Sequence[str], answers: Mapping[str, tuple[int, str]]) -> Report:
    def told(*, final: bool) -> dict[str, str]:
        return {
            address: f"{code} {_one_line(message)}"
            for address, (code, message) in answers.items()
            if (code >= PERMANENT) is final
        }

    accepted = tuple(address for address in recipients if address not in answers)
    return Report(accepted=accepted, refused=told(final=True), deferred=told(final=False))


def _client(url: str) -> aiosmtplib.SMTP:
    """Make a client for `smtp[s]://[user:password@]host[:port][?starttls=never|required][&verify=no]`.

    A password only travels encrypted to a server whose certificate is good; without one, TLS is used when offered.
    """
    parts = urlsplit(url)
    options = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    use_tls = parts.scheme == "smtps"
    username = unquote(parts.username) if parts.username else None
    starttls = {"never": False, "required": True}.get(options.get("starttls", ""), True if username else None)
    verify = options.get("verify") != "no" and (use_tls or starttls is True)
    return aiosmtplib.SMTP(
        hostname=parts.hostname or "localhost",
        port=parts.port,
        username=username,
        password=unquote(parts.password) if parts.password else None,
        use_tls=use_tls,
        start_tls=False if use_tls else starttls,
        tls_context=ssl.create_default_context() if verify else _trusting(),
        timeout=TIMEOUT_SECONDS,
    )


def _trusting() -> ssl.SSLContext:
    """Return TLS without a check of the server, which keeps listeners out but no impostor."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _write(outbox: Path, name: str, raw: bytes) -> None:
    outbox.mkdir(parents=True, exist_ok=True)
    stem = _NOT_IN_NAME.sub("_", name.strip("<>")).strip(".")[:150] or "mail"
    handle, temporary = tempfile.mkstemp(dir=outbox, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(raw)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(outbox / f"{stem}.eml")
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _one_line(text: str) -> str:
    return " ".join(storable(text).split())[:MAX_WHY]
