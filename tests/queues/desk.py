"""Groups, actors and a small queue tree."""

from dataclasses import dataclass

from tessera.access.models import Group
from tessera.kit.actor import Actor, ActorKind
from tessera.queues.models import Queue
from tessera.testing.house import House

MANAGER = Actor(kind=ActorKind.AGENT, id=1, name="Anna", permissions=frozenset({"queues.manage"}))
CUSTOMER = Actor(kind=ActorKind.CUSTOMER_USER, id=3, name="Carla")


@dataclass
class Desk:
    """Support with 1st and 2nd Level below, Sales beside it in a group of its own."""

    house: House
    everybody: Group
    sellers: Group
    support: Queue
    first: Queue
    second: Queue
    sales: Queue

    def agent(self, **rights: frozenset[str]) -> Actor:
        """Return an agent with rights on the groups `everybody` and `sellers`."""
        grants = {getattr(self, name).id: held for name, held in rights.items()}
        return Actor(kind=ActorKind.AGENT, id=2, name="Ben", grants=grants)
