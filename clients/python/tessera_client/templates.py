from typing import Optional

from .base_model import BaseModel
from .enums import TemplateKind


class Templates(BaseModel):
    templates: list["TemplatesTemplates"]


class TemplatesTemplates(BaseModel):
    id: str
    name: str
    kind: TemplateKind
    subject: Optional[str]
    body: str
    active: bool


Templates.model_rebuild()
