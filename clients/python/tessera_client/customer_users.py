from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import PageFields


class CustomerUsers(BaseModel):
    customer_users: "CustomerUsersCustomerUsers" = Field(alias="customerUsers")


class CustomerUsersCustomerUsers(BaseModel):
    nodes: list["CustomerUsersCustomerUsersNodes"]
    page_info: "CustomerUsersCustomerUsersPageInfo" = Field(alias="pageInfo")


class CustomerUsersCustomerUsersNodes(BaseModel):
    id: str
    login: str
    name: str
    email: Optional[str]


CustomerUsersCustomerUsersPageInfo = PageFields
CustomerUsers.model_rebuild()
CustomerUsersCustomerUsers.model_rebuild()
