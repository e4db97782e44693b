"""Second tries: filing what is in quarantine, sending what failed."""

import strawberry

from tessera.engine.mutations import UserError, mutation
from tessera.kit.unit import Unit
from tessera.mail import queries, service
from tessera.mail.graphql.types import ArticleDelivery, MailMessage
from tessera.mail.permissions import MANAGE


@strawberry.type
class MailMessagePayload:
    mail_message: MailMessage | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class ArticleDeliveryPayload:
    delivery: ArticleDelivery | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@mutation(description="Try again to file a mail from the quarantine.", requires=MANAGE.name)
async def _mail_message_retry(unit: Unit, id: strawberry.ID) -> MailMessagePayload:
    row = await service.retry(unit, await queries.get_message(unit.actor, id))
    return MailMessagePayload(mail_message=MailMessage.of(row))


@mutation(description="Send a mail again that failed or came back; takes the id of its delivery.")
async def _mail_message_send_again(unit: Unit, id: strawberry.ID) -> ArticleDeliveryPayload:
    row = await service.send_again(unit, await queries.get_delivery(unit.actor, id))
    return ArticleDeliveryPayload(delivery=ArticleDelivery.of(row))


@strawberry.type
class MailMutation:
    mail_message_retry = _mail_message_retry
    mail_message_send_again = _mail_message_send_again
