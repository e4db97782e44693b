import pytest

from tessera.kit.actor import RIGHTS, SYSTEM, Actor, ActorKind
from tessera.kit.errors import Forbidden

ANNA = Actor(
    kind=ActorKind.AGENT,
    id=1,
    name="Anna",
    permissions=frozenset({"queues.manage", "access.manage"}),
    grants={3: frozenset({"rw"}), 1: frozenset({"ro", "note"}), 2: frozenset({"create"})},
)
CARLA = Actor(kind=ActorKind.CUSTOMER_USER, id=1, name="Carla")


def test_an_actor_is_of_one_kind() -> None:
    assert (ANNA.is_agent, ANNA.is_customer_user, ANNA.is_system) == (True, False, False)
    assert (CARLA.is_agent, CARLA.is_customer_user, CARLA.is_system) == (False, True, False)
    assert (SYSTEM.is_agent, SYSTEM.is_customer_user, SYSTEM.is_system) == (False, False, True)
    assert (ANNA.agent_id, ANNA.customer_user_id) == (1, None)
    assert (CARLA.agent_id, CARLA.customer_user_id) == (None, 1)


@pytest.mark.parametrize("right", RIGHTS)
def test_rw_implies_every_right(right: str) -> None:
    assert ANNA.has_right(right, 3)
    assert ANNA.has_right(right, 1) is (right in {"ro", "note"})
    assert not ANNA.has_right(right, 4)
    assert not CARLA.has_right(right, 3)
    assert SYSTEM.has_right(right, 4)


def test_the_groups_of_a_right() -> None:
    assert ANNA.groups_with("ro") == (1, 3)
    assert ANNA.groups_with("create") == (2, 3)
    assert ANNA.groups_with("rw") == (3,)
    assert CARLA.groups_with("ro") == ()


def test_permissions_are_held_or_required() -> None:
    ANNA.require("queues.manage")
    SYSTEM.require("whatever")
    for actor in (ANNA, CARLA):
        with pytest.raises(Forbidden, match=r"accounts\.manage"):
            actor.require("accounts.manage")


@pytest.mark.parametrize(
    ("scopes", "held"),
    [
        (None, {"queues.manage", "access.manage"}),
        (frozenset[str](), set[str]()),
        (frozenset({"queues.manage", "accounts.manage"}), {"queues.manage"}),
    ],
)
def test_a_token_can_do_less_than_its_owner_and_never_more(scopes: frozenset[str] | None, held: set[str]) -> None:
    token = Actor(kind=ANNA.kind, id=1, name="Anna", permissions=ANNA.permissions, scopes=scopes)
    wanted = ("queues.manage", "access.manage", "accounts.manage")
    assert {permission for permission in wanted if token.can(permission)} == held
