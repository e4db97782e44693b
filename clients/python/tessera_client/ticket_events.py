from pydantic import Field

from .base_model import BaseModel
from .fragments import (  # noqa: F401
    TicketEventFields,
    TicketEventFieldsActor,
    TicketEventFieldsArticle,
    TicketEventFieldsChanges,
)


class TicketEvents(BaseModel):
    ticket_events: "TicketEventsTicketEvents" = Field(alias="ticketEvents")


class TicketEventsTicketEvents(BaseModel):
    cursor: str
    event: "TicketEventsTicketEventsEvent"


class TicketEventsTicketEventsEvent(TicketEventFields):
    ticket: "TicketEventsTicketEventsEventTicket"


class TicketEventsTicketEventsEventTicket(BaseModel):
    id: str
    number: str


TicketEvents.model_rebuild()
TicketEventsTicketEvents.model_rebuild()
TicketEventsTicketEventsEvent.model_rebuild()
