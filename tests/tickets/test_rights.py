"""Advice and enforcement are one: pure rules over every combination."""

from hypothesis import given
from hypothesis import strategies as st

from tessera.kit.actor import RIGHTS, SYSTEM, Actor, ActorKind
from tessera.tickets._rights import Obstacle, Standing, advise, holds, is_party, obstacle
from tessera.tickets._states import FINISHED, OPEN_TYPES, PENDING, StateType, may_follow

ids = st.integers(1, 3)
maybe = st.none() | ids
standings = st.builds(
    Standing,
    group_id=ids,
    state_type=st.sampled_from([each.value for each in StateType]),
    lock_holder_id=maybe,
    customer_user_id=maybe,
    customer_id=maybe,
)
grants = st.dictionaries(ids, st.frozensets(st.sampled_from(RIGHTS)))
agents = st.builds(Actor, kind=st.just(ActorKind.AGENT), id=ids, name=st.just("Anna"), grants=grants)
customer_users = st.builds(
    Actor, kind=st.just(ActorKind.CUSTOMER_USER), id=ids, name=st.just("Carla"), grants=grants, customer_id=maybe
)


@given(agents | customer_users, standings, st.sampled_from(RIGHTS))
def test_nobody_but_the_system_changes_without_the_right(actor: Actor, standing: Standing, right: str) -> None:
    found = obstacle(actor, standing, right)
    assert (found is Obstacle.RIGHT) == (not holds(actor, standing, right))
    if found is None:
        assert standing.state_type != StateType.MERGED
        assert actor.is_customer_user or standing.lock_holder_id in {None, actor.id}


@given(customer_users, standings)
def test_a_customer_user_holds_no_agents_right_and_sees_no_removed_ticket(actor: Actor, standing: Standing) -> None:
    assert not any(holds(actor, standing, right) for right in ("move_into", "create", "owner", "priority", "rw"))
    if standing.state_type == StateType.REMOVED:
        assert not is_party(actor, standing)


@given(standings, st.sampled_from(RIGHTS))
def test_the_system_is_stopped_by_nothing_but_a_merge(standing: Standing, right: str) -> None:
    merged = standing.state_type == StateType.MERGED
    assert obstacle(SYSTEM, standing, right) == (Obstacle.MERGED if merged else None)


@given(agents, standings)
def test_rw_implies_every_advice_and_advice_follows_the_rules(actor: Actor, standing: Standing) -> None:
    advice = advise(actor, standing, customer_may_close=True)
    assert advice.update == (obstacle(actor, standing, "rw") is None)
    assert advice.note == (obstacle(actor, standing, "note") in {None, Obstacle.LOCKED})
    if advice.update:
        assert advice.move
        assert advice.assign
        assert advice.reply
        assert advice.priority
        assert advice.lock == (standing.state_type not in FINISHED)


@given(customer_users, standings)
def test_customer_users_are_advised_to_write_and_perhaps_to_close(actor: Actor, standing: Standing) -> None:
    for may_close in (True, False):
        advice = advise(actor, standing, customer_may_close=may_close)
        writes = is_party(actor, standing) and standing.state_type != StateType.MERGED
        assert (advice.reply, advice.close) == (writes, writes and may_close)
        assert not any((advice.update, advice.move, advice.assign, advice.lock, advice.note, advice.merge))


def test_every_type_is_open_work_or_finished() -> None:
    assert set(OPEN_TYPES) | FINISHED == set(StateType)
    assert not set(OPEN_TYPES) & FINISHED
    assert set(OPEN_TYPES) > PENDING


@given(st.sampled_from(StateType), st.sampled_from(StateType))
def test_only_merging_merges(before: StateType, after: StateType) -> None:
    assert may_follow(before, after) == (StateType.MERGED not in {before, after})
