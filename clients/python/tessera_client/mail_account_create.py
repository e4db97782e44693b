from datetime import datetime
from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import MailProtocol, MailSecurity
from .fragments import UserErrorFields


class MailAccountCreate(BaseModel):
    mail_account_create: "MailAccountCreateMailAccountCreate" = Field(
        alias="mailAccountCreate"
    )


class MailAccountCreateMailAccountCreate(BaseModel):
    mail_account: Optional["MailAccountCreateMailAccountCreateMailAccount"] = Field(
        alias="mailAccount"
    )
    user_errors: list["MailAccountCreateMailAccountCreateUserErrors"] = Field(
        alias="userErrors"
    )


class MailAccountCreateMailAccountCreateMailAccount(BaseModel):
    id: str
    name: str
    protocol: MailProtocol
    host: str
    port: int
    security: MailSecurity
    login: str
    folder: str
    trusted: bool
    active: bool
    checked_at: Optional[datetime] = Field(alias="checkedAt")
    problem: Optional[str]
    version: int


MailAccountCreateMailAccountCreateUserErrors = UserErrorFields
MailAccountCreate.model_rebuild()
MailAccountCreateMailAccountCreate.model_rebuild()
