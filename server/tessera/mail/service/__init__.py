"""The verbs of mail: keep what comes in, file it, answer it, send what is owed, set the postmaster up."""

from tessera.mail.service._answering import answer, answer_removal, tell_owner
from tessera.mail.service._configuring import (
    create_account,
    create_filter,
    note_account,
    update_account,
    update_filter,
)
from tessera.mail.service._filing import file
from tessera.mail.service._receiving import receive, retry
from tessera.mail.service._sending import note_outcome, owe_article, owe_notice, send_again

__all__ = [
    "answer",
    "answer_removal",
    "create_account",
    "create_filter",
    "file",
    "note_account",
    "note_outcome",
    "owe_article",
    "owe_notice",
    "receive",
    "retry",
    "send_again",
    "tell_owner",
    "update_account",
    "update_filter",
]
