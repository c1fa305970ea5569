"""Sources in shards: which objects, how many shards, and which sources can be divided at all."""

from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.shards import WHOLE, Extent, Shard, is_divisible, shards_for
from tests.unit.domain import maps

KEYS = [f"log/2026/{number}.parquet" for number in range(10_000)]


def test_every_object_is_in_one_shard_and_none_is_much_larger_than_the_others() -> None:
    shards = [Shard(number, 7) for number in range(7)]
    sizes = [sum(shard.holds(key) for key in KEYS) for shard in shards]
    assert sum(sizes) == len(KEYS)
    assert min(sizes) > 1300
    assert max(sizes) < 1550
    assert all(WHOLE.holds(key) for key in KEYS)


def test_a_shard_is_what_one_task_can_pass() -> None:
    assert shards_for(Extent(objects=0, bytes=0)) == 1
    assert shards_for(Extent(objects=500, bytes=2 * 1024**3)) == 1
    assert shards_for(Extent(objects=501, bytes=0)) == 2
    assert shards_for(Extent(objects=3, bytes=5 * 1024**3)) == 3
    assert shards_for(Extent(objects=10_000_000, bytes=0)) == 500


class TestDivisible:
    def source(self, **collections: dict[str, object]) -> bool:
        shop = maps.source("dynamodb", members=maps.table("email", gives={"member_id": "member_id"}, identity=True))
        written = maps.written("email", "member_id", "other", shop=shop, files=maps.source("s3", **collections))
        return is_divisible(DataMap.model_validate(written).sources["files"])

    def test_files_with_rows_of_many_people_are(self) -> None:
        assert self.source(rows=maps.rows("member_id"), letters=maps.objects("letters/{member_id}.jsonl"))

    def test_what_has_one_object_a_person_is_not_and_needs_not(self) -> None:
        assert not self.source(letters=maps.objects("letters/{member_id}.jsonl"))

    def test_rows_that_name_their_own_person_lead_nowhere_else(self) -> None:
        own = {"member_id": maps.field(identifies="member_id"), "text": maps.field()}
        assert self.source(rows=maps.rows("member_id", fields=own, technical=[]))

    def test_rows_that_lead_to_other_rows_of_the_source_keep_it_whole(self) -> None:
        leads = {"other": maps.field(identifies="other"), "text": maps.field()}
        rows = maps.rows("member_id", fields=leads)
        assert not self.source(rows=rows, letters=maps.objects("letters/{other}.jsonl"))
        again = {"referred": maps.field(identifies="member_id"), "text": maps.field()}
        assert not self.source(rows=maps.rows("member_id", fields=again))


def test_tables_are_never_divided() -> None:
    shop = maps.source("dynamodb", members=maps.table("email", identity=True))
    assert not is_divisible(DataMap.model_validate(maps.written("email", shop=shop)).sources["shop"])
