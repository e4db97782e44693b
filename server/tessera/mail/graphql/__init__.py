"""The API of mail: accounts, filters, kept mails, deliveries."""

from tessera.mail.graphql.configuration import MailConfigurationMutation
from tessera.mail.graphql.messages import MailMutation
from tessera.mail.graphql.types import ArticleDeliveries, MailQuery

__all__ = ["ArticleDeliveries", "MailConfigurationMutation", "MailMutation", "MailQuery"]
