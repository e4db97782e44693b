from pydantic import Field

from .base_model import BaseModel
from .fragments import PageFields, TicketFields


class Tickets(BaseModel):
    tickets: "TicketsTickets"


class TicketsTickets(BaseModel):
    nodes: list["TicketsTicketsNodes"]
    page_info: "TicketsTicketsPageInfo" = Field(alias="pageInfo")
    total_count: int = Field(alias="totalCount")


TicketsTicketsNodes = TicketFields
TicketsTicketsPageInfo = PageFields
Tickets.model_rebuild()
TicketsTickets.model_rebuild()
