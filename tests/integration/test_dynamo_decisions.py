"""Decisions per field in the table of the template."""

from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.domain.request import RequestType
from rightsdesk.law.decisions import decide_fields, withheld_by_staff
from tests.support.cases import new_case
from tests.support.stack import PlayedStack
from tests.unit.export.package_of_a_shop import datamap


def test_the_decisions_of_the_shipped_map_come_back_in_its_order_and_are_replaced(stack: PlayedStack) -> None:
    cases = DynamoCaseStore(stack.local.ref("CasesTable"), stack.client("dynamodb"))
    case, event = new_case()
    cases.create(case, event)
    assert cases.decisions(case.request_id) == []
    decided = list(decide_fields((RequestType.ACCESS, RequestType.PORTABILITY), datamap(), ("gdpr", "appi")))
    cases.put_decisions(case.request_id, decided)
    assert cases.decisions(case.request_id) == decided
    decided[3] = withheld_by_staff(decided[3], "GDPR-15-4", actor="staff:sub-1")
    cases.put_decisions(case.request_id, decided)
    assert cases.decisions(case.request_id) == decided
