from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import UserErrorFields


class TicketTypeUpdate(BaseModel):
    ticket_type_update: "TicketTypeUpdateTicketTypeUpdate" = Field(
        alias="ticketTypeUpdate"
    )


class TicketTypeUpdateTicketTypeUpdate(BaseModel):
    ticket_type: Optional["TicketTypeUpdateTicketTypeUpdateTicketType"] = Field(
        alias="ticketType"
    )
    user_errors: list["TicketTypeUpdateTicketTypeUpdateUserErrors"] = Field(
        alias="userErrors"
    )


class TicketTypeUpdateTicketTypeUpdateTicketType(BaseModel):
    id: str
    name: str
    active: bool
    version: int


TicketTypeUpdateTicketTypeUpdateUserErrors = UserErrorFields
TicketTypeUpdate.model_rebuild()
TicketTypeUpdateTicketTypeUpdate.model_rebuild()
