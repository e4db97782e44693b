"""What mail declares."""

from tessera.articles.events import ArticleAdded
from tessera.articles.graphql import Article
from tessera.engine.roots import Mutation, Query
from tessera.files.hooks import BlobOwner
from tessera.mail import jobs as work
from tessera.mail import permissions as allowed
from tessera.mail import queries
from tessera.mail import settings as adjustable
from tessera.mail._health import check
from tessera.mail._listener import listen
from tessera.mail._watching import watch
from tessera.mail.cli import app
from tessera.mail.events import FollowUpReceived, MessageFiled
from tessera.mail.graphql import ArticleDeliveries, MailConfigurationMutation, MailMutation, MailQuery
from tessera.mail.handlers import is_mail, is_removal, on_article_added, on_filed, on_follow_up, on_state_changed
from tessera.mail.hooks import MailHooks
from tessera.plugin import Check, Command, Daemon, Extension, Handler, Job, Permission, Schedule, Setting, hookimpl
from tessera.tickets.events import StateChanged


@hookimpl
def handlers() -> list[Handler]:
    return [
        Handler("mail.owe", on=ArticleAdded, run=on_article_added, when=is_mail),
        Handler("mail.answer", on=MessageFiled, run=on_filed),
        Handler("mail.tell_owner", on=FollowUpReceived, run=on_follow_up),
        Handler("mail.answer_removal", on=StateChanged, run=on_state_changed, when=is_removal),
    ]


@hookimpl
def jobs() -> list[Job | Schedule]:
    return [
        Job("mail.file", work.file, in_unit=False, attempts=work.FILE_ATTEMPTS),
        Job("mail.fetch", work.fetch, in_unit=False, attempts=3),
        Job("mail.send", work.send, in_unit=False, attempts=work.SEND_ATTEMPTS),
    ]


@hookimpl
def daemons() -> list[Daemon]:
    return [Daemon("mail.watch", watch), Daemon("mail.listener", listen)]


@hookimpl
def checks() -> list[Check]:
    return [Check("mail", check)]


@hookimpl
def extensions() -> list[Extension]:
    return [
        Extension(Query, MailQuery),
        Extension(Mutation, MailMutation),
        Extension(Mutation, MailConfigurationMutation),
        Extension(Article, ArticleDeliveries),
    ]


@hookimpl
def permissions() -> list[Permission]:
    return [allowed.MANAGE]


@hookimpl
def settings() -> list[Setting[object]]:
    return [each for each in vars(adjustable).values() if isinstance(each, Setting)]


@hookimpl
def commands() -> list[Command]:
    return [Command("mail", app)]


@hookimpl
def blob_owners() -> list[BlobOwner]:
    return [BlobOwner("mail", queries.named_digests)]


@hookimpl
def hookspecs() -> list[type]:
    return [MailHooks]
