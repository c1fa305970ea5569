"""The samples in `events/` are what API Gateway sends: the same files drive `sam local invoke` and the tests."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from rightsdesk.domain.reference import parse_reference
from rightsdesk.web.incoming import is_rest_event
from tests.unit.web.api.gateway import EVENTS

DOORS = ("public_api", "public_site", "staff_api", "shop_api", "opendsr")
SAMPLES = sorted(path for door in DOORS for path in EVENTS.glob(f"{door}-*.json"))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_is_a_rest_proxy_event_that_agrees_with_itself(path: Path) -> None:
    sample: dict[str, Any] = json.loads(path.read_text("utf-8"))
    assert is_rest_event(sample)
    parameters = sample["pathParameters"] or {}
    assert sample["path"] == re.sub(r"\{(\w+)\}", lambda found: parameters[found[1]], sample["resource"])
    assert sample["multiValueHeaders"] == {name: [value] for name, value in sample["headers"].items()}
    context = sample["requestContext"]
    assert (context["httpMethod"], context["resourcePath"]) == (sample["httpMethod"], sample["resource"])
    assert context["path"] == f"/{context['stage']}{sample['path']}"
    assert ("claims" in context.get("authorizer", {})) == path.stem.startswith("staff_api-")
    assert ("userArn" in context["identity"]) == (path.stem.startswith("shop_api-") and path.stem != "shop_api-openapi")
    if "reference" in parameters:
        assert parse_reference(parameters["reference"]) == parameters["reference"]


def test_every_door_has_samples() -> None:
    assert len(SAMPLES) > 20
