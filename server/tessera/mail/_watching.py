"""Watches the mailboxes: has each emptied when its time has come, and at once when it announces a mail."""

import asyncio
import contextlib
from datetime import timedelta

from tessera.kit import log
from tessera.kit.actor import SYSTEM
from tessera.kit.clock import now
from tessera.kit.db import in_background
from tessera.kit.jobs import Job, JobState
from tessera.kit.unit import Unit, Units
from tessera.mail._fetching import access_of
from tessera.mail._imap import ImapMailbox
from tessera.mail._mailbox import MailboxError
from tessera.mail._opened import Opened
from tessera.mail.models import MailAccount
from tessera.mail.settings import POLL_SECONDS
from tessera.settings import queries as settings

FETCH_JOB = "mail.fetch"
TICK_SECONDS = 5.0
IDLE_SECONDS = 10 * 60.0
AGAIN_SECONDS = 30.0
OPEN = (JobState.QUEUED, JobState.RUNNING)

Idlers = dict[tuple[int, int], asyncio.Task[None]]


async def watch(units: Units) -> None:
    """Watch for ever; several processes may do so at once.

    Raises what a database raises that is away.
    """
    idlers: Idlers = {}
    try:
        while True:
            accounts = await MailAccount.filter(active=True)
            seconds = await settings.value(POLL_SECONDS)
            due = now() - timedelta(seconds=seconds)
            for account in accounts:
                if account.checked_at is None or account.checked_at <= due:
                    await ask(units, account, unless=OPEN)
            _tend(units, accounts, idlers)
            await asyncio.sleep(TICK_SECONDS)
    finally:
        for task in idlers.values():
            task.cancel()
        await asyncio.gather(*idlers.values(), return_exceptions=True)


async def ask(units: Units, account: MailAccount, *, unless: tuple[JobState, ...]) -> None:
    """Have a mailbox emptied soon, unless work of one of these states does that already."""
    key = f"{FETCH_JOB}:{account.id}:"
    if await Job.filter(name=FETCH_JOB, state__in=unless, dedupe__startswith=key).exists():
        return
    second = now().timestamp()

    async def enqueue(unit: Unit) -> None:
        await unit.enqueue(FETCH_JOB, {"account": account.id}, dedupe=f"{key}{second}")

    await units.run(SYSTEM, enqueue)


def _tend(units: Units, accounts: list[MailAccount], idlers: Idlers) -> None:
    """Keep one listener per IMAP account; a changed account gets a new one."""
    wanted = {(account.id, account.version): account for account in accounts if account.protocol == "imap"}
    for key in idlers.keys() - wanted.keys():
        idlers.pop(key).cancel()
    for key in wanted.keys() - idlers.keys():
        idlers[key] = in_background(_listen(units, wanted[key]), name=f"mailbox {key[0]}")


async def _listen(units: Units, account: MailAccount) -> None:
    """Wait for announcements of new mails, as long as the server makes any."""
    while True:
        with contextlib.suppress(MailboxError):
            async with Opened(ImapMailbox, access_of(account)) as opened:
                if not opened.box.can_idle():
                    return
                log.get().debug("mail.idle", account=account.id)
                is_told = bool(await opened.call(opened.box.waiting))
                while True:
                    if is_told:
                        # work that runs already may have looked into the mailbox before
                        await ask(units, account, unless=(JobState.QUEUED,))
                    is_told = await opened.call(opened.box.idle, IDLE_SECONDS)
        await asyncio.sleep(AGAIN_SECONDS)
