from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import RoleFields, UserErrorFields


class RoleCreate(BaseModel):
    role_create: "RoleCreateRoleCreate" = Field(alias="roleCreate")


class RoleCreateRoleCreate(BaseModel):
    role: Optional["RoleCreateRoleCreateRole"]
    user_errors: list["RoleCreateRoleCreateUserErrors"] = Field(alias="userErrors")


RoleCreateRoleCreateRole = RoleFields
RoleCreateRoleCreateUserErrors = UserErrorFields
RoleCreate.model_rebuild()
RoleCreateRoleCreate.model_rebuild()
