from pydantic import Field

from .base_model import BaseModel
from .fragments import TicketFields


class TicketChangesSince(BaseModel):
    ticket_changes: "TicketChangesSinceTicketChanges" = Field(alias="ticketChanges")


class TicketChangesSinceTicketChanges(BaseModel):
    upserts: list["TicketChangesSinceTicketChangesUpserts"]
    removed_ids: list[str] = Field(alias="removedIds")
    cursor: str
    has_more: bool = Field(alias="hasMore")
    reset: bool


TicketChangesSinceTicketChangesUpserts = TicketFields
TicketChangesSince.model_rebuild()
TicketChangesSinceTicketChanges.model_rebuild()
