"""Settings of the whole test run."""

from hypothesis import HealthCheck, settings

from tessera.kit import log

# structlog's default paints whole tracebacks with their variables, which takes minutes for a deep one
log.configure(level="WARNING", as_json=True)

# Two busy cores make any example slow now and then; that is the machine's failure, not the code's.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")
