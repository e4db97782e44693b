"""What the notifications declare."""

from datetime import timedelta

from tessera.accounts.graphql import Viewer
from tessera.articles.events import ArticleAdded
from tessera.engine.roots import Mutation, Subscription
from tessera.notifications.graphql import NotificationMutation, NotificationSubscription, ViewerNotifications
from tessera.notifications.handlers import has_agents, is_news, names_somebody, tell
from tessera.notifications.jobs import forget_read
from tessera.notifications.settings import KEEP_READ_DAYS
from tessera.plugin import Extension, Handler, Job, Schedule, Setting, hookimpl
from tessera.tickets.events import OwnerChanged, PendingReached, ResponsibleChanged, TicketCreated

FORGET = "notifications.forget_read"


@hookimpl
def extensions() -> list[Extension]:
    return [
        Extension(Viewer, ViewerNotifications),
        Extension(Mutation, NotificationMutation),
        Extension(Subscription, NotificationSubscription),
    ]


@hookimpl
def handlers() -> list[Handler]:
    return [
        Handler("notifications.on_ticket_created", on=TicketCreated, run=tell, when=has_agents),
        Handler("notifications.on_owner_changed", on=OwnerChanged, run=tell, when=names_somebody),
        Handler("notifications.on_responsible_changed", on=ResponsibleChanged, run=tell, when=names_somebody),
        Handler("notifications.on_article_added", on=ArticleAdded, run=tell, when=is_news),
        Handler("notifications.on_pending_reached", on=PendingReached, run=tell),
    ]


@hookimpl
def jobs() -> list[Job | Schedule]:
    return [Job(FORGET, forget_read), Schedule(FORGET, every=timedelta(days=1))]


@hookimpl
def settings() -> list[Setting[int]]:
    return [KEEP_READ_DAYS]
