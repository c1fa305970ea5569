import pytest

from tests.infrastructure.deployed_template import Deployed, deploy


@pytest.fixture(scope="session")
def deployed() -> Deployed:
    """What the defaults deploy."""
    return deploy()
