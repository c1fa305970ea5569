"""A prefix with more objects than one task can pass: the same workflow, the same states, more items."""

import csv
import io
from collections.abc import Iterator

import pytest

from rightsdesk.domain.shards import Extent, shards_for
from tests.support.shop_contents import shop_contents
from tests.support.stack import PlayedStack, played_stack

OBJECTS = 510
OF_THE_MEMBER = range(0, OBJECTS, 7)


@pytest.fixture(scope="module")
def stack() -> Iterator[PlayedStack]:
    """Of its own: it holds more than others want to read."""
    with played_stack() as booted:
        yield booted


def test_a_prefix_of_many_objects_is_erased_in_shards(stack: PlayedStack) -> None:
    member, neighbour = stack.new_member(orders=1), stack.new_member(orders=1)
    s3, bucket = stack.client("s3"), stack.shop("ShopBucket")
    first = s3.list_objects_v2(Bucket=bucket, Prefix="surveys/")["Contents"][0]["Key"]
    text = s3.get_object(Bucket=bucket, Key=first)["Body"].read().decode("utf-8-sig")
    answers = csv.DictReader(io.StringIO(text, newline=""))
    row, names = next(answers), list(answers.fieldnames or ())
    for number in range(OBJECTS):
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, names)
        writer.writeheader()
        writer.writerow(row | {"member_id": neighbour.member_id})
        if number in OF_THE_MEMBER:
            writer.writerow(row | {"member_id": member.member_id})
        s3.put_object(Bucket=bucket, Key=f"surveys/many/{number}.csv", Body=out.getvalue().encode())
    before = shop_contents(stack)

    case = stack.to_approval(member)
    request_id = stack.stored(case).request_id
    rows = [name for name in stack.remnants(f"work/{request_id}/erasure/rows") if "surveys" in name]
    assert len(rows) == shards_for(Extent(OBJECTS, 0)) == 2
    plan = stack.plan(case)
    stack.erase(case)

    gone, come = before - shop_contents(stack), shop_contents(stack) - before
    assert sum(gone.values()) == plan["delete"] + plan["anonymise"]
    assert sum(come.values()) == plan["anonymise"]
    surveys = {text: count for text, count in gone.items() if '"survey"' in text}
    assert sum(surveys.values()) == len(OF_THE_MEMBER)
    assert all(member.member_id in text for text in surveys)
    certificate = stack.stored(case).erasure.certificate  # type: ignore[union-attr]
    assert certificate is not None
    deleted = {part.collection.partition("/")[2]: part.deleted for part in certificate.collections}
    assert deleted["surveys"] == len(OF_THE_MEMBER)
