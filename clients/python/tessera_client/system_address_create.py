from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import UserErrorFields


class SystemAddressCreate(BaseModel):
    system_address_create: "SystemAddressCreateSystemAddressCreate" = Field(
        alias="systemAddressCreate"
    )


class SystemAddressCreateSystemAddressCreate(BaseModel):
    system_address: Optional["SystemAddressCreateSystemAddressCreateSystemAddress"] = (
        Field(alias="systemAddress")
    )
    user_errors: list["SystemAddressCreateSystemAddressCreateUserErrors"] = Field(
        alias="userErrors"
    )


class SystemAddressCreateSystemAddressCreateSystemAddress(BaseModel):
    id: str
    address: str
    display_name: str = Field(alias="displayName")
    active: bool
    version: int


SystemAddressCreateSystemAddressCreateUserErrors = UserErrorFields
SystemAddressCreate.model_rebuild()
SystemAddressCreateSystemAddressCreate.model_rebuild()
