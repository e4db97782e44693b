from datetime import datetime

from pydantic import Field

from .base_model import BaseModel


class ServerInfo(BaseModel):
    server_info: "ServerInfoServerInfo" = Field(alias="serverInfo")


class ServerInfoServerInfo(BaseModel):
    version: str
    schema_revision: str = Field(alias="schemaRevision")
    limits: "ServerInfoServerInfoLimits"
    time: datetime


class ServerInfoServerInfoLimits(BaseModel):
    max_page_size: int = Field(alias="maxPageSize")
    max_depth: int = Field(alias="maxDepth")
    max_aliases: int = Field(alias="maxAliases")
    max_cost: int = Field(alias="maxCost")
    max_tokens: int = Field(alias="maxTokens")
    max_upload_bytes: int = Field(alias="maxUploadBytes")
    change_log_days: int = Field(alias="changeLogDays")


ServerInfo.model_rebuild()
ServerInfoServerInfo.model_rebuild()
