from pydantic import Field

from .base_model import BaseModel


class TicketTypes(BaseModel):
    ticket_types: list["TicketTypesTicketTypes"] = Field(alias="ticketTypes")


class TicketTypesTicketTypes(BaseModel):
    id: str
    name: str
    active: bool


TicketTypes.model_rebuild()
