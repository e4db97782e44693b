"""Machines' messages, and what control headers order."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tessera.mail._control import Control, Orders, control, due, pending_time
from tessera.mail._loop import automatic
from tessera.mail._parse import parse
from tests.corpus import needs_corpus, table
from tests.mail.test_parse import REPORT, mail, multipart

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@needs_corpus
def test_the_table_of_loops() -> None:
    rows = table("tables/PostMaster/LoopDetection.json")["Tests"]
    assert len(rows) == 8
    for row in rows:
        message = parse(row["Email"].encode())
        assert bool(automatic(message, "X-OTOBO-")) == (row["EmailParams"]["X-OTOBO-Loop"] == "yes"), row["Name"]


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("Auto-Submitted: auto-replied (vacation)", "Auto-Submitted: auto-replied (vacation)"),
        ("Auto-Submitted: auto-generated; x=y", "Auto-Submitted: auto-generated"),
        ("Auto-Submitted: No", None),
        ("Precedence: Auto_Reply", "Precedence: auto_reply"),
        ("Precedence: normal", None),
        ("X-Tessera-Loop: yes", "X-Tessera-Loop"),
        ("X-Tessera-Loop: no", None),
        ("X-Loop: help@example.com", "X-Loop"),
        ("List-Id: <list.example.com>", "List-Id"),
        ("X-Auto-Response-Suppress: DR, OOF, AutoReply", "X-Auto-Response-Suppress"),
        ("X-Auto-Response-Suppress: DR", None),
        ("Return-Path: <>", "Return-Path: <>"),
        ("Return-Path: <a@b.c>", None),
    ],
)
def test_marks_of_machines(header: str, reason: str | None) -> None:
    assert automatic(parse(mail("From: a@b.c", header))) == reason


@pytest.mark.parametrize(
    ("sender", "machine"),
    [
        ("MAILER-DAEMON@x.y", True),
        ("postmaster@x.y", True),
        ("no-reply@x.y", True),
        ("noreply-42@x.y", True),
        ("do_not_reply@x.y", True),
        ("bounces+token@x.y", True),
        ("noreplyson@x.y", False),
        ("anna@x.y", False),
    ],
)
def test_names_of_machines(sender: str, *, machine: bool) -> None:
    assert bool(automatic(parse(mail(f"From: {sender}")))) is machine


def test_reports_and_unsigned_messages_are_not_answered() -> None:
    assert automatic(parse(multipart("report", REPORT, headers="From: a@b.c\n"))) == "delivery report"
    assert automatic(parse(b"Subject: x\n\nwho am I\n")) == "no sender"


def test_no_control_headers_order_nothing() -> None:
    assert control(parse(mail("From: a@b.c", "X-Other-Queue: Raw"))) == Control(Orders(), Orders())


def test_orders_for_new_tickets_and_follow_ups_are_told_apart() -> None:
    orders = control(
        parse(
            mail(
                "X-Tessera-Queue: Support::1st Level",
                "x-tessera-priority: 5 very high",
                "X-Tessera-State: pending reminder",
                "X-Tessera-State-PendingTime: +3d",
                "X-Tessera-Type: Incident",
                "X-Tessera-Owner: anna",
                "X-Tessera-ResponsibleID: 7",
                "X-Tessera-CustomerNo: example",
                "X-Tessera-CustomerUser: carla",
                "X-Tessera-Title: =?utf-8?Q?T=C3=BCr?=",
                "X-Tessera-Lock: lock",
                "X-Tessera-SenderType: system",
                "X-Tessera-IsVisibleForCustomer: 0",
                "X-Tessera-ArticleType: note",
                "X-Tessera-DynamicField-Room: 12",
                "X-Tessera-Ignore: yes",
                "X-Tessera-Loop: true",
                "X-Tessera-FollowUp-State: closed successful",
                "X-Tessera-FollowUp-State-Keep: 1",
                "X-Tessera-FollowUp-PendingTime: 2026-11-22 10:00:00",
                "X-Tessera-FollowUp-IsVisibleForCustomer: 1",
            )
        )
    )
    assert orders.new_ticket == Orders(
        queue="Support::1st Level",
        priority="5 very high",
        state="pending reminder",
        pending_time=timedelta(days=3),
        type="Incident",
        owner="anna",
        responsible_id="7",
        customer="example",
        customer_user="carla",
        title="Tür",
        lock="lock",
        sender_type="system",
        channel="note",
        is_visible_for_customer=False,
        dynamic_fields={"room": "12"},
    )
    assert orders.follow_up == Orders(
        state="closed successful",
        pending_time=datetime(2026, 11, 22, 10, tzinfo=UTC),
        is_visible_for_customer=True,
    )
    assert (orders.ignore, orders.loop, orders.keep_state) == (True, True, True)


def expected_times(row: dict[str, object]) -> list[datetime | timedelta | None]:
    times: list[datetime | timedelta | None] = []
    for name, moment in (
        ("CheckNewTicket", datetime(2021, 1, 1, tzinfo=UTC)),
        ("CheckFollowUp", datetime(2022, 1, 1, tzinfo=UTC)),
    ):
        check = row[name]
        assert isinstance(check, dict)
        if "UntilTime" in check:
            times.append(timedelta(seconds=check["UntilTime"]) if check["UntilTime"] else None)
        else:
            # the moment itself was computed by the original test; 0 is its word for none
            times.append(moment if check["RealTillTimeNotUsed"] else None)
    return times


@needs_corpus
def test_the_table_of_pending_times() -> None:
    rows = table("tables/PostMaster/PendingTime.json")["Tests"]
    assert len(rows) == 11
    for row in rows:
        headers = [f"{one['Key']}: {one['Value']}" for one in row["Set"]]
        orders = control(parse(mail("From: sender@example.com", *headers)), "X-OTOBO-")
        assert orders.new_ticket.state == orders.follow_up.state == "pending reminder"
        assert [orders.new_ticket.pending_time, orders.follow_up.pending_time] == expected_times(row), row["Name"]


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("2026-11-22T10:00+01:00", datetime(2026, 11, 22, 9, tzinfo=UTC)),
        ("2026-11-22 10:00:00z", datetime(2026, 11, 22, 10, tzinfo=UTC)),
        ("2026-02-30 10:00:00", None),
        ("0001-01-01 00:00:00+23:59", None),
        ("2026-11-22", None),
        ("+2H", timedelta(hours=2)),
        ("-2h", None),
        ("+36501d", None),
        ("+999999999h", None),
        ("", None),
    ],
)
def test_pending_time(value: str, read: datetime | timedelta | None) -> None:
    assert pending_time(value) == read


@given(st.from_regex(r"\+?[0-9]{1,10}[smhd]?", fullmatch=True) | st.text(max_size=30))
def test_every_pending_time_is_a_date(value: str) -> None:
    pending = pending_time(value)
    if pending is not None:
        assert due(pending, NOW).tzinfo is not None
