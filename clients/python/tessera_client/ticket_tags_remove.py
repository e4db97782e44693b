from pydantic import Field

from .base_model import BaseModel
from .fragments import TicketPayloadFields


class TicketTagsRemove(BaseModel):
    ticket_tags_remove: "TicketTagsRemoveTicketTagsRemove" = Field(
        alias="ticketTagsRemove"
    )


TicketTagsRemoveTicketTagsRemove = TicketPayloadFields
TicketTagsRemove.model_rebuild()
