"""What background work declares."""

from datetime import timedelta

from tessera.engine.roots import Mutation, Query, Subscription
from tessera.jobs import permissions as own
from tessera.jobs.cli import app
from tessera.jobs.graphql import JobMutation, JobQuery, JobSubscription
from tessera.jobs.jobs import tidy
from tessera.plugin import Command, Extension, Job, Permission, Schedule, hookimpl


@hookimpl
def extensions() -> list[Extension]:
    return [Extension(Query, JobQuery), Extension(Mutation, JobMutation), Extension(Subscription, JobSubscription)]


@hookimpl
def permissions() -> list[Permission]:
    return [own.MANAGE]


@hookimpl
def commands() -> list[Command]:
    return [Command("jobs", app)]


@hookimpl
def jobs() -> list[Job | Schedule]:
    return [Job("jobs.tidy", tidy), Schedule("jobs.tidy", every=timedelta(days=1))]
