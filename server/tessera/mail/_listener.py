"""Takes mail by SMTP or LMTP; a mail is acknowledged when it is kept, and never before."""

import asyncio
import re

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

from tessera import __version__
from tessera.kit import log
from tessera.kit.unit import Units
from tessera.mail import service
from tessera.mail.errors import MessageTooLarge
from tessera.mail.settings import LISTENER, LISTENER_HOST, LISTENER_KNOWN_ONLY, LISTENER_PORT, MAX_BYTES
from tessera.queues import queries as queues
from tessera.settings import queries as settings

SOURCE = "listener"
LATER = "451 4.3.0 The mail cannot be kept at the moment; try again later."
_NOT_IN_ADDRESS = re.compile(r"[\x00-\x20\x7f<>]")


class Door:
    """What aiosmtpd asks while somebody brings a mail."""

    def __init__(self, units: Units) -> None:
        self._units = units

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Say whether mail to an address is taken."""
        try:
            if await settings.value(LISTENER_KNOWN_ONLY) and await queues.by_address(address) is None:
                return "550 5.1.1 There is no such address here."
        except Exception:  # noqa: BLE001 - whatever it is, the sender shall come again
            log.get().warning("mail.listener_failed", exc_info=True)
            return LATER
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep a mail; by LMTP the answer is given once for each recipient."""
        answer = await self._keep(envelope)
        return "\r\n".join([answer] * (len(envelope.rcpt_tos) if isinstance(server, LMTP) else 1))

    async def _keep(self, envelope: Envelope) -> str:
        content = envelope.content
        raw = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else bytes(content or b"")
        try:
            row = await service.receive(self._units, _envelope_lines(envelope) + raw, source=SOURCE)
        except MessageTooLarge as problem:
            return f"552 5.3.4 {problem.message}"
        except Exception:  # noqa: BLE001 - whatever it is, the sender shall come again
            log.get().warning("mail.not_kept", exc_info=True)
            return LATER
        return f"250 2.0.0 Kept as mail {row.id}"


async def listen(units: Units) -> None:
    """Listen for ever, if the settings say so.

    Raises `OSError` when the port is taken.
    """
    protocol = await settings.value(LISTENER)
    if protocol == "off":
        return
    host, port = await settings.value(LISTENER_HOST), await settings.value(LISTENER_PORT)
    limit = await settings.value(MAX_BYTES)
    make, door = (LMTP if protocol == "lmtp" else SMTP), Door(units)
    loop = asyncio.get_running_loop()

    def greet() -> SMTP:
        return make(door, data_size_limit=limit, enable_SMTPUTF8=True, ident=f"Tessera {__version__}", loop=loop)

    server = await loop.create_server(greet, host, port)
    log.get().info("mail.listening", host=host, port=server.sockets[0].getsockname()[1], protocol=protocol)
    async with server:
        await server.serve_forever()


def _envelope_lines(envelope: Envelope) -> bytes:
    """Write what the envelope says as headers, as mail servers do when they deliver."""
    lines = [f"Return-Path: <{_NOT_IN_ADDRESS.sub('', envelope.mail_from or '')}>"]
    lines += [f"Delivered-To: {_NOT_IN_ADDRESS.sub('', address)}" for address in envelope.rcpt_tos]
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8", "replace")
