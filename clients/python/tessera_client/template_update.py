from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import TemplateKind
from .fragments import UserErrorFields


class TemplateUpdate(BaseModel):
    template_update: "TemplateUpdateTemplateUpdate" = Field(alias="templateUpdate")


class TemplateUpdateTemplateUpdate(BaseModel):
    template: Optional["TemplateUpdateTemplateUpdateTemplate"]
    user_errors: list["TemplateUpdateTemplateUpdateUserErrors"] = Field(
        alias="userErrors"
    )


class TemplateUpdateTemplateUpdateTemplate(BaseModel):
    id: str
    name: str
    kind: TemplateKind
    subject: Optional[str]
    body: str
    active: bool
    version: int


TemplateUpdateTemplateUpdateUserErrors = UserErrorFields
TemplateUpdate.model_rebuild()
TemplateUpdateTemplateUpdate.model_rebuild()
