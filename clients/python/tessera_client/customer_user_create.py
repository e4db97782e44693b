from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import UserErrorFields


class CustomerUserCreate(BaseModel):
    customer_user_create: "CustomerUserCreateCustomerUserCreate" = Field(
        alias="customerUserCreate"
    )


class CustomerUserCreateCustomerUserCreate(BaseModel):
    customer_user: Optional["CustomerUserCreateCustomerUserCreateCustomerUser"] = Field(
        alias="customerUser"
    )
    user_errors: list["CustomerUserCreateCustomerUserCreateUserErrors"] = Field(
        alias="userErrors"
    )


class CustomerUserCreateCustomerUserCreateCustomerUser(BaseModel):
    id: str
    login: str
    name: str
    email: Optional[str]
    phone: Optional[str]
    active: bool
    locale: str
    timezone: str
    version: int


CustomerUserCreateCustomerUserCreateUserErrors = UserErrorFields
CustomerUserCreate.model_rebuild()
CustomerUserCreateCustomerUserCreate.model_rebuild()
