from pydantic import Field

from .base_model import BaseModel
from .fragments import TicketPayloadFields


class TicketTagsAdd(BaseModel):
    ticket_tags_add: "TicketTagsAddTicketTagsAdd" = Field(alias="ticketTagsAdd")


TicketTagsAddTicketTagsAdd = TicketPayloadFields
TicketTagsAdd.model_rebuild()
