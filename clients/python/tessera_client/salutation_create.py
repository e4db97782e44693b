from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import UserErrorFields


class SalutationCreate(BaseModel):
    salutation_create: "SalutationCreateSalutationCreate" = Field(
        alias="salutationCreate"
    )


class SalutationCreateSalutationCreate(BaseModel):
    salutation: Optional["SalutationCreateSalutationCreateSalutation"]
    user_errors: list["SalutationCreateSalutationCreateUserErrors"] = Field(
        alias="userErrors"
    )


class SalutationCreateSalutationCreateSalutation(BaseModel):
    id: str
    name: str
    text: str
    active: bool
    version: int


SalutationCreateSalutationCreateUserErrors = UserErrorFields
SalutationCreate.model_rebuild()
SalutationCreateSalutationCreate.model_rebuild()
