"""For all tests: how hypothesis works here."""

from hypothesis import HealthCheck, settings

# How long an example takes says more about the machine than about the code: time is measured where it is a promise.
settings.register_profile("rightsdesk", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("rightsdesk")
