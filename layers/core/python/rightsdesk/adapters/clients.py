"""AWS clients: one for each service and process, made when first used, with short time-outs and standard retries.

They are botocore's, which is what boto3's clients are, too. boto3 itself would load its resources and its transfer of
files at every cold start, a tenth of it, and nothing here uses them.
"""

from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config

from rightsdesk import __version__

# The last two are for speed, a quarter of every call: our requests are typed and tested, and AWS checks them again; and
# a given User-Agent is not put together anew for each.
_CONFIG = Config(
    connect_timeout=2,
    read_timeout=20,
    retries={"mode": "standard", "max_attempts": 4},
    signature_version="v4",
    parameter_validation=False,
    user_agent=f"Rightsdesk/{__version__}",
)
_S3_CONFIG = _CONFIG.merge(Config(signature_version="s3v4", s3={"addressing_style": "virtual"}))


@cache
def client(service: str) -> Any:
    """The process's one client of a service. Untyped here; adapters annotate what they take."""
    return _session().create_client(service, config=_S3_CONFIG if service == "s3" else _CONFIG)


@cache
def _session() -> botocore.session.Session:
    return botocore.session.get_session()
