from pydantic import Field

from .base_model import BaseModel
from .fragments import ArticlePayloadFields


class ArticleForward(BaseModel):
    article_forward: "ArticleForwardArticleForward" = Field(alias="articleForward")


ArticleForwardArticleForward = ArticlePayloadFields
ArticleForward.model_rebuild()
