from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import UserErrorFields


class SystemAddressUpdate(BaseModel):
    system_address_update: "SystemAddressUpdateSystemAddressUpdate" = Field(
        alias="systemAddressUpdate"
    )


class SystemAddressUpdateSystemAddressUpdate(BaseModel):
    system_address: Optional["SystemAddressUpdateSystemAddressUpdateSystemAddress"] = (
        Field(alias="systemAddress")
    )
    user_errors: list["SystemAddressUpdateSystemAddressUpdateUserErrors"] = Field(
        alias="userErrors"
    )


class SystemAddressUpdateSystemAddressUpdateSystemAddress(BaseModel):
    id: str
    address: str
    display_name: str = Field(alias="displayName")
    active: bool
    version: int


SystemAddressUpdateSystemAddressUpdateUserErrors = UserErrorFields
SystemAddressUpdate.model_rebuild()
SystemAddressUpdateSystemAddressUpdate.model_rebuild()
