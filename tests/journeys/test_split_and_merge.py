"""Split, merge, and what is written to the merged ticket afterwards."""

from tessera_client import ArticleInput, TicketCreateInput, TicketStateType, TicketUpdateInput
from tests.journeys.desk import Desk, journey, mail, only, story, ticket_of, until

pytestmark = journey


async def test_one_becomes_two_becomes_one_and_a_reply_to_the_merged_one_arrives(desk: Desk) -> None:
    ben, carla = await desk.agent("ben"), await desk.customer("carla")
    queue = desk.queues["Support::1st Level"]
    first = await desk.open(carla, "Two things", article=ArticleInput(body="A lamp and a chair."))
    (request,) = (await story(ben, first.id)).articles.nodes

    split = await ben.ticket_split(
        request.id, TicketCreateInput(title="The chair", queue_id=queue, article=ArticleInput(channel="web"))
    )
    assert split.user_errors == []
    assert split.ticket is not None
    assert split.source is not None
    assert split.source.id == first.id
    chair = await story(ben, split.ticket.id)
    assert [article.body for article in chair.articles.nodes] == ["A lamp and a chair."]
    assert chair.customer_user is not None
    assert chair.customer_user.login == "carla"
    assert "ticket.split" in [event.kind for event in (await story(ben, first.id)).history.nodes]

    async def linked() -> bool:
        return {link.ticket.id for link in (await story(ben, chair.id)).links} == {first.id}

    await until(linked, what="the link")

    merged = ticket_of(await ben.ticket_merge(chair.id, first.id))
    assert merged.state.type_ is TicketStateType.MERGED
    assert merged.merged_into is not None
    assert merged.merged_into.number == first.number
    target = await story(ben, first.id)
    assert [article.number for article in target.articles.nodes] == [1, 2]
    assert (await story(ben, chair.id)).articles.total_count == 0
    refused = await ben.ticket_update(chair.id, TicketUpdateInput(title="No"))
    assert only(refused.user_errors).reason == "tickets.merged"

    await desk.drop(mail(f"Re: [Ticket#{chair.number}] The chair", "Still broken."))

    async def arrived() -> bool:
        return (await story(ben, first.id)).articles.total_count == 3

    await until(arrived, what="the reply")
    assert (await story(ben, first.id)).articles.nodes[-1].body.strip() == "Still broken."
    found = await carla.ticket_by_number(chair.number)
    assert found is not None
    assert found.merged_into is not None
    assert found.merged_into.id == first.id
