from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import AutoResponseKind
from .fragments import UserErrorFields


class AutoResponseCreate(BaseModel):
    auto_response_create: "AutoResponseCreateAutoResponseCreate" = Field(
        alias="autoResponseCreate"
    )


class AutoResponseCreateAutoResponseCreate(BaseModel):
    auto_response: Optional["AutoResponseCreateAutoResponseCreateAutoResponse"] = Field(
        alias="autoResponse"
    )
    user_errors: list["AutoResponseCreateAutoResponseCreateUserErrors"] = Field(
        alias="userErrors"
    )


class AutoResponseCreateAutoResponseCreateAutoResponse(BaseModel):
    id: str
    name: str
    kind: AutoResponseKind
    subject: str
    text: str
    active: bool
    version: int


AutoResponseCreateAutoResponseCreateUserErrors = UserErrorFields
AutoResponseCreate.model_rebuild()
AutoResponseCreateAutoResponseCreate.model_rebuild()
