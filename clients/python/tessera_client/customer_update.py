from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import UserErrorFields


class CustomerUpdate(BaseModel):
    customer_update: "CustomerUpdateCustomerUpdate" = Field(alias="customerUpdate")


class CustomerUpdateCustomerUpdate(BaseModel):
    customer: Optional["CustomerUpdateCustomerUpdateCustomer"]
    user_errors: list["CustomerUpdateCustomerUpdateUserErrors"] = Field(
        alias="userErrors"
    )


class CustomerUpdateCustomerUpdateCustomer(BaseModel):
    id: str
    number: str
    name: str
    active: bool
    version: int


CustomerUpdateCustomerUpdateUserErrors = UserErrorFields
CustomerUpdate.model_rebuild()
CustomerUpdateCustomerUpdate.model_rebuild()
