from pydantic import Field

from .base_model import BaseModel
from .fragments import TicketFields


class TicketChanges(BaseModel):
    ticket_changes: "TicketChangesTicketChanges" = Field(alias="ticketChanges")


class TicketChangesTicketChanges(BaseModel):
    upserts: list["TicketChangesTicketChangesUpserts"]
    removed_ids: list[str] = Field(alias="removedIds")
    cursor: str
    has_more: bool = Field(alias="hasMore")
    reset: bool


TicketChangesTicketChangesUpserts = TicketFields
TicketChanges.model_rebuild()
TicketChangesTicketChanges.model_rebuild()
