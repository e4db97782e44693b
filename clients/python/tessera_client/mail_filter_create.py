from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import UserErrorFields


class MailFilterCreate(BaseModel):
    mail_filter_create: "MailFilterCreateMailFilterCreate" = Field(
        alias="mailFilterCreate"
    )


class MailFilterCreateMailFilterCreate(BaseModel):
    mail_filter: Optional["MailFilterCreateMailFilterCreateMailFilter"] = Field(
        alias="mailFilter"
    )
    user_errors: list["MailFilterCreateMailFilterCreateUserErrors"] = Field(
        alias="userErrors"
    )


class MailFilterCreateMailFilterCreateMailFilter(BaseModel):
    id: str
    name: str
    position: int
    stops: bool
    active: bool
    version: int


MailFilterCreateMailFilterCreateUserErrors = UserErrorFields
MailFilterCreate.model_rebuild()
MailFilterCreateMailFilterCreate.model_rebuild()
