from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import TemplateKind
from .fragments import UserErrorFields


class TemplateCreate(BaseModel):
    template_create: "TemplateCreateTemplateCreate" = Field(alias="templateCreate")


class TemplateCreateTemplateCreate(BaseModel):
    template: Optional["TemplateCreateTemplateCreateTemplate"]
    user_errors: list["TemplateCreateTemplateCreateUserErrors"] = Field(
        alias="userErrors"
    )


class TemplateCreateTemplateCreateTemplate(BaseModel):
    id: str
    name: str
    kind: TemplateKind
    subject: Optional[str]
    body: str
    active: bool
    version: int


TemplateCreateTemplateCreateUserErrors = UserErrorFields
TemplateCreate.model_rebuild()
TemplateCreateTemplateCreate.model_rebuild()
