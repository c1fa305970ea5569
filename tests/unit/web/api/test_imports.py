"""What a cold start of the JSON doors imports. Counted, not timed: times jitter, modules do not."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

CODE = Path(__file__).parents[4] / "layers/core/python"
TOO_HEAVY = {
    "rightsdesk.web.openapi": "made when it is asked for",
    "rightsdesk.web.rendering": "pages are another door",
    "aws_lambda_powertools.event_handler.openapi.models": "Powertools' OpenAPI models, 30 of them",
    "aws_lambda_powertools.event_handler.middlewares.openapi_validation": "we validate ourselves",
    "boto3": "a door knows nothing of AWS",
    "jinja2": "pages are another door",
    "babel": "pages are another door",
    "holidays": "the law is behind the desk",
    "email_validator": "only an address needs it",
}


@pytest.mark.parametrize("door", ["public_api", "staff_api", "shop_api"])
def test_a_cold_start_imports_no_more_than_it_needs(door: str) -> None:
    script = f"import json, sys, rightsdesk.web.{door}; print(json.dumps(sorted(sys.modules)))"
    found = subprocess.run(
        [sys.executable, "-c", script], env={"PYTHONPATH": str(CODE)}, capture_output=True, text=True, check=True
    )
    loaded = set(json.loads(found.stdout))
    assert loaded & set(TOO_HEAVY) == set()
