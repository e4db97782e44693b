from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import UserErrorFields


class CustomerCreate(BaseModel):
    customer_create: "CustomerCreateCustomerCreate" = Field(alias="customerCreate")


class CustomerCreateCustomerCreate(BaseModel):
    customer: Optional["CustomerCreateCustomerCreateCustomer"]
    user_errors: list["CustomerCreateCustomerCreateUserErrors"] = Field(
        alias="userErrors"
    )


class CustomerCreateCustomerCreateCustomer(BaseModel):
    id: str
    number: str
    name: str
    active: bool
    version: int


CustomerCreateCustomerCreateUserErrors = UserErrorFields
CustomerCreate.model_rebuild()
CustomerCreateCustomerCreate.model_rebuild()
