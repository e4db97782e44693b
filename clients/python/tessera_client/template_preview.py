from typing import Optional

from pydantic import Field

from .base_model import BaseModel


class TemplatePreview(BaseModel):
    template_preview: Optional["TemplatePreviewTemplatePreview"] = Field(
        alias="templatePreview"
    )


class TemplatePreviewTemplatePreview(BaseModel):
    subject: str
    body_html: str = Field(alias="bodyHtml")
    body: str


TemplatePreview.model_rebuild()
