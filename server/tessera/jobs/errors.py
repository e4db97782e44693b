"""Problems of background work."""

from tessera.kit.errors import WrongState


class JobNotFailed(WrongState):
    """Only what was given up can be tried again."""

    reason = "jobs.not_failed"
    sentence = "Only failed work can be tried again."


class JobFinished(WrongState):
    """What has ended cannot be called off."""

    reason = "jobs.finished"
    sentence = "The work has already ended."
