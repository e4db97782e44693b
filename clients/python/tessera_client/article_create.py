from pydantic import Field

from .base_model import BaseModel
from .fragments import ArticlePayloadFields


class ArticleCreate(BaseModel):
    article_create: "ArticleCreateArticleCreate" = Field(alias="articleCreate")


ArticleCreateArticleCreate = ArticlePayloadFields
ArticleCreate.model_rebuild()
