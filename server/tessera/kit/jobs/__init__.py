"""Background work: the table of jobs is the truth, arq only carries their ids to a worker."""

from tessera.kit.jobs.dispatcher import Dispatcher, Status
from tessera.kit.jobs.model import Job, JobState, enqueue, owed, requeue, revoke, tell
from tessera.kit.jobs.runner import GiveUp, LeaseLost, Work

__all__ = [
    "Dispatcher",
    "GiveUp",
    "Job",
    "JobState",
    "LeaseLost",
    "Status",
    "Work",
    "enqueue",
    "owed",
    "requeue",
    "revoke",
    "tell",
]
