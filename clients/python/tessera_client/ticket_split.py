from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import TicketFields, UserErrorFields


class TicketSplit(BaseModel):
    ticket_split: "TicketSplitTicketSplit" = Field(alias="ticketSplit")


class TicketSplitTicketSplit(BaseModel):
    ticket: Optional["TicketSplitTicketSplitTicket"]
    source: Optional["TicketSplitTicketSplitSource"]
    user_errors: list["TicketSplitTicketSplitUserErrors"] = Field(alias="userErrors")


TicketSplitTicketSplitTicket = TicketFields
TicketSplitTicketSplitSource = TicketFields
TicketSplitTicketSplitUserErrors = UserErrorFields
TicketSplit.model_rebuild()
TicketSplitTicketSplit.model_rebuild()
