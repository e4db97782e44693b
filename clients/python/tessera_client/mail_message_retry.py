from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import MailMessageState
from .fragments import UserErrorFields


class MailMessageRetry(BaseModel):
    mail_message_retry: "MailMessageRetryMailMessageRetry" = Field(
        alias="mailMessageRetry"
    )


class MailMessageRetryMailMessageRetry(BaseModel):
    mail_message: Optional["MailMessageRetryMailMessageRetryMailMessage"] = Field(
        alias="mailMessage"
    )
    user_errors: list["MailMessageRetryMailMessageRetryUserErrors"] = Field(
        alias="userErrors"
    )


class MailMessageRetryMailMessageRetryMailMessage(BaseModel):
    id: str
    state: MailMessageState
    reason: Optional[str]


MailMessageRetryMailMessageRetryUserErrors = UserErrorFields
MailMessageRetry.model_rebuild()
MailMessageRetryMailMessageRetry.model_rebuild()
