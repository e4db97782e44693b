from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import UserErrorFields


class CustomerUserUpdate(BaseModel):
    customer_user_update: "CustomerUserUpdateCustomerUserUpdate" = Field(
        alias="customerUserUpdate"
    )


class CustomerUserUpdateCustomerUserUpdate(BaseModel):
    customer_user: Optional["CustomerUserUpdateCustomerUserUpdateCustomerUser"] = Field(
        alias="customerUser"
    )
    user_errors: list["CustomerUserUpdateCustomerUserUpdateUserErrors"] = Field(
        alias="userErrors"
    )


class CustomerUserUpdateCustomerUserUpdateCustomerUser(BaseModel):
    id: str
    login: str
    name: str
    email: Optional[str]
    phone: Optional[str]
    active: bool
    locale: str
    timezone: str
    version: int


CustomerUserUpdateCustomerUserUpdateUserErrors = UserErrorFields
CustomerUserUpdate.model_rebuild()
CustomerUserUpdateCustomerUserUpdate.model_rebuild()
