from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import UserErrorFields


class SalutationUpdate(BaseModel):
    salutation_update: "SalutationUpdateSalutationUpdate" = Field(
        alias="salutationUpdate"
    )


class SalutationUpdateSalutationUpdate(BaseModel):
    salutation: Optional["SalutationUpdateSalutationUpdateSalutation"]
    user_errors: list["SalutationUpdateSalutationUpdateUserErrors"] = Field(
        alias="userErrors"
    )


class SalutationUpdateSalutationUpdateSalutation(BaseModel):
    id: str
    name: str
    text: str
    active: bool
    version: int


SalutationUpdateSalutationUpdateUserErrors = UserErrorFields
SalutationUpdate.model_rebuild()
SalutationUpdateSalutationUpdate.model_rebuild()
