import json
import re
from typing import Any, get_args

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from rightsdesk.domain.case_views import NEXT_STEPS, NextStep
from rightsdesk.domain.request import Treatment
from rightsdesk.law.refusal_grounds import REFUSAL_GROUNDS
from rightsdesk.web.json_door import JsonDoor
from tests.unit.web.api.gateway import EVENTS, ask, event, public_door, shop_door, staff_door

PUBLIC = {
    ("post", "/api/requests"),
    ("post", "/api/requests/{reference}/verification"),
    ("post", "/api/requests/{reference}/evidence"),
    ("post", "/api/requests/{reference}/answer"),
    ("post", "/api/requests/{reference}/message"),
    ("post", "/api/requests/{reference}/access-code"),
    ("post", "/api/requests/{reference}/session"),
    ("post", "/api/requests/{reference}/download"),
    ("post", "/api/requests/{reference}/erasure-confirmation"),
    ("post", "/api/not-mine/{token}"),
    ("get", "/api/requests/{reference}"),
    ("post", "/api/requests/{reference}/agent"),
    ("delete", "/api/requests/{reference}"),
    ("get", "/api/openapi.json"),
}
STAFF = {
    ("get", "/staff/requests"),
    ("get", "/staff/requests/{reference}"),
    ("get", "/staff/requests/{reference}/timeline"),
    ("post", "/staff/requests/{reference}/preview"),
    ("get", "/staff/requests/{reference}/held"),
    ("post", "/staff/requests/{reference}/assignment"),
    ("post", "/staff/requests/{reference}/extension"),
    ("post", "/staff/requests/{reference}/question"),
    ("post", "/staff/requests/{reference}/message"),
    ("get", "/staff/requests/{reference}/review"),
    ("post", "/staff/requests/{reference}/review"),
    ("post", "/staff/requests/{reference}/contact"),
    ("get", "/staff/requests/{reference}/decisions"),
    ("post", "/staff/requests/{reference}/decisions"),
    ("post", "/staff/requests/{reference}/release"),
    ("put", "/staff/requests/{reference}/corrections"),
    ("post", "/staff/requests/{reference}/corrections/approval"),
    ("get", "/staff/requests/{reference}/erasure"),
    ("post", "/staff/requests/{reference}/erasure/approval"),
    ("post", "/staff/requests/{reference}/mandate"),
    ("post", "/staff/requests/{reference}/special"),
    ("post", "/staff/requests/{reference}/special/decision"),
    ("post", "/staff/requests/{reference}/thaw"),
    ("post", "/staff/requests/{reference}/hold"),
    ("post", "/staff/requests/{reference}/restriction-lift"),
    ("post", "/staff/requests/{reference}/hold-lift"),
    ("get", "/staff/requests/{reference}/recipients"),
    ("post", "/staff/requests/{reference}/recipients/{recipient}"),
    ("post", "/staff/requests/{reference}/recipients/{recipient}/rest"),
    ("post", "/staff/requests/{reference}/recipients/{recipient}/again"),
    ("post", "/staff/requests/{reference}/completion"),
    ("post", "/staff/requests/{reference}/refusal"),
    ("post", "/staff/requests/{reference}/refusal/confirmation"),
    ("get", "/staff/requests/{reference}/letters"),
    ("get", "/staff/requests/{reference}/evidence"),
    ("post", "/staff/requests/{reference}/letters/preview"),
    ("post", "/staff/requests/{reference}/retry"),
    ("post", "/staff/requests/{reference}/transfer/retry"),
    ("post", "/staff/requests/{reference}/residence"),
    ("get", "/staff/requests/{reference}/messages"),
    ("get", "/staff/mail"),
    ("get", "/staff/mail/{id}"),
    ("post", "/staff/mail/{id}/request"),
    ("post", "/staff/mail/{id}/attachment"),
    ("post", "/staff/mail/{id}/clarification"),
    ("post", "/staff/mail/{id}/dismissal"),
    ("post", "/staff/mail/{id}/purge"),
    ("post", "/staff/mail/{id}/files/{number}"),
    ("post", "/staff/mail/{id}/raw"),
    ("get", "/staff/retention"),
    ("post", "/staff/retention/{entry}/lift"),
    ("get", "/staff/register"),
    ("get", "/staff/reports/{month}"),
    ("get", "/staff/openapi.json"),
}
SHOP = {
    ("get", "/api/permissions"),
    ("post", "/api/consents"),
    ("post", "/api/consents/withdrawal"),
    ("post", "/api/unsubscribe-links"),
    ("post", "/api/acceptances"),
    ("get", "/api/acceptances"),
    ("post", "/api/provisions"),
    ("post", "/api/provisions/received"),
    ("post", "/api/suppressions/check"),
    ("get", "/api/shop/openapi.json"),
}
DOORS = {
    "public_api": (public_door, PUBLIC),
    "staff_api": (staff_door, STAFF),
    "shop_api": (shop_door, SHOP),
}


def document(name: str) -> dict[str, Any]:
    door, _ = DOORS[name][0]()
    answer = ask(door, event(f"{name}-openapi"))
    assert answer.status == 200
    described: dict[str, Any] = answer.body
    return described


def operations(described: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(method, path): op for path, methods in described["paths"].items() for method, op in methods.items()}


@pytest.mark.parametrize("name", DOORS)
def test_it_is_openapi_3_1(name: str) -> None:
    described = document(name)
    assert described["openapi"].startswith("3.1")
    validate(described, cls=OpenAPIV31SpecValidator)


@pytest.mark.parametrize("name", DOORS)
def test_every_route_is_described_and_none_besides(name: str) -> None:
    door, routes = DOORS[name]
    served: JsonDoor = door()[0]
    assert set(operations(document(name))) == routes
    assert {(o.method.lower(), o.path) for o in served.operations} == routes


@pytest.mark.parametrize("name", DOORS)
def test_every_refusal_is_a_problem(name: str) -> None:
    described = document(name)
    for (method, path), operation in operations(described).items():
        statuses = {int(status) for status in operation["responses"]}
        assert {429, 500, 503} <= statuses, (method, path)
        if "requestBody" in operation:
            assert {400, 413, 415} <= statuses, (method, path)
        if operation.get("security"):
            assert (403 if "sigv4" in operation["security"][0] else 401) in statuses, (method, path)
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                shared = described["components"]["responses"][response["$ref"].rpartition("/")[2]]
                assert list(shared["content"]) == ["application/problem+json"]


def test_who_needs_which_token() -> None:
    public = {path: op.get("security") for path, op in operations(document("public_api")).items()}
    assert {op for op, security in public.items() if security} == {
        ("get", "/api/requests/{reference}"),
        ("delete", "/api/requests/{reference}"),
        ("post", "/api/requests/{reference}/evidence"),
        ("post", "/api/requests/{reference}/agent"),
        ("post", "/api/requests/{reference}/answer"),
        ("post", "/api/requests/{reference}/message"),
        ("post", "/api/requests/{reference}/download"),
        ("post", "/api/requests/{reference}/erasure-confirmation"),
    }
    staff = document("staff_api")
    assert staff["components"]["securitySchemes"]["staff"]["scheme"] == "bearer"
    assert all(op.get("security") for (_, path), op in operations(staff).items() if "openapi" not in path)
    shop = document("shop_api")
    assert shop["components"]["securitySchemes"]["sigv4"]["x-amazon-apigateway-authtype"] == "awsSigv4"
    signed = {path for path, op in operations(shop).items() if op.get("security") == [{"sigv4": []}]}
    assert signed == SHOP - {("get", "/api/shop/openapi.json")}


@pytest.mark.parametrize("name", DOORS)
def test_the_examples_are_the_samples_of_events(name: str) -> None:
    described = operations(document(name))
    samples = [json.loads(path.read_text("utf-8")) for path in EVENTS.glob(f"{name}-*.json")]
    for sample in samples:
        operation = described[(sample["httpMethod"].lower(), sample["resource"])]
        if "requestBody" in operation:
            content = operation["requestBody"]["content"]["application/json"]
            assert content["example"] == json.loads(sample["body"])


def test_the_body_of_a_request_is_described_as_it_is_taken() -> None:
    described = document("public_api")
    body = described["components"]["schemas"]["SubmitBody"]
    assert set(body["required"]) == {"type", "email", "name", "country", "language"}
    assert set(body["properties"]) == {*body["required"], "region", "order_number", "aim", "agent", "details"}
    assert body["additionalProperties"] is False
    receipt = described["components"]["schemas"]["Receipt"]
    assert set(receipt["properties"]) == {"reference", "received_at", "status"}


def test_a_body_is_required_where_it_must_say_something() -> None:
    bodies = {
        path.removeprefix("/api").removeprefix("/staff"): op["requestBody"]["required"]
        for name in DOORS
        for (_, path), op in operations(document(name)).items()
        if "requestBody" in op
    }
    assert {name for name, required in bodies.items() if not required} == {
        "/requests/{reference}/access-code",
        "/requests/{reference}/download",
        "/requests/{reference}/erasure-confirmation",
        "/not-mine/{token}",
        "/requests/{reference}/preview",
        "/requests/{reference}/retry",
        "/mail/{id}/files/{number}",
        "/mail/{id}/raw",
        "/retention/{entry}/lift",
    }


def test_the_grounds_and_treatments_that_are_described_are_those_there_are() -> None:
    schemas = document("staff_api")["components"]["schemas"]
    ground = schemas["RefusalBody"]["properties"]["ground"]["description"]
    known = {ground for rights in REFUSAL_GROUNDS.values() for grounds in rights.values() for ground in grounds}
    assert set(re.findall(r"`([a-z]\w+)`", ground)) - {"allowed_grounds"} == known
    held = schemas["ReleaseBody"]["properties"]["held"]["description"]
    assert all(f"`{treatment}`" in held for treatment in Treatment)


def test_the_query_of_the_work_list_is_described() -> None:
    listed = operations(document("staff_api"))[("get", "/staff/requests")]
    limits = {p["name"]: p["schema"] for p in listed["parameters"]}
    assert (limits["limit"]["minimum"], limits["limit"]["maximum"], limits["limit"]["default"]) == (1, 100, 25)
    assert set(limits) == {"limit", "cursor"}


def test_the_server_is_the_stage_of_the_gateway() -> None:
    door, _ = public_door()
    assert document("public_api")["servers"] == [{"url": "/live"}]
    own_domain = event("public_api-openapi")
    own_domain["requestContext"]["path"] = "/api/openapi.json"
    assert ask(door, own_domain).body["servers"] == [{"url": "/"}]


def test_every_next_step_is_explained() -> None:
    assert set(get_args(NextStep)) == set(NEXT_STEPS)
    step = document("staff_api")["components"]["schemas"]["CaseView"]["properties"]["next_step"]
    assert set(step["enum"]) == set(NEXT_STEPS)
    assert all(f"`{name}`: {meaning}." in step["description"] for name, meaning in NEXT_STEPS.items())


def test_forms_beside_json_are_described() -> None:
    described = operations(document("staff_api"))
    forms = {
        path: set(operation["responses"]["200"]["content"]) - {"application/json"}
        for (_, path), operation in described.items()
        if len(operation["responses"]["200"]["content"]) > 1
    }
    assert forms == {
        "/staff/register": {"text/csv"},
        "/staff/reports/{month}": {"text/plain", "image/svg+xml"},
    }


def test_every_place_in_a_path_is_a_parameter() -> None:
    for (_, path), operation in operations(document("staff_api")).items():
        in_path = [p["name"] for p in operation["parameters"] if p["in"] == "path"]
        assert in_path == re.findall(r"\{(\w+)\}", path)
