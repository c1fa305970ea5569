"""What another controller gets: the portable part alone, explained and whole."""

import hashlib
import io
import json
import subprocess
import zipfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from rightsdesk.domain.records import Record
from rightsdesk.domain.request import Treatment
from rightsdesk.export.package import CollectionInput, PackageLimits, PartSummary
from rightsdesk.export.transfer import TransferTooLargeError, build_transfer
from tests.unit.export.package_of_a_shop import collected, context, sinks

FOLDER = "portable-data/"


def build(
    inputs: Sequence[CollectionInput] | None = None, limits: PackageLimits | None = None, **changes: Any
) -> tuple[PartSummary | None, dict[int, bytes]]:
    kept, open_part = sinks()
    given = collected() if inputs is None else inputs
    return build_transfer(context(**changes), given, partial(open_part, 1), limits=limits), kept


def files(**options: Any) -> dict[str, bytes]:
    _, kept = build(**options)
    with zipfile.ZipFile(io.BytesIO(kept[1])) as archive:
        return {name.removeprefix(FOLDER): archive.read(name) for name in archive.namelist()}


def test_it_holds_the_portable_folder_and_what_explains_it() -> None:
    names = set(files())
    assert {"README.txt", "README.ja.txt", "manifest.json", "SHA256SUMS"} == {n for n in names if "/" not in n}
    assert {n.split("/")[0] for n in names if "/" in n} == {"portability"}
    assert {"portability/customer.json", "portability/orders.jsonl"} <= names


def test_the_manifest_has_the_digest_of_each_file_and_the_summary_that_of_the_whole() -> None:
    summary, kept = build()
    assert summary is not None
    assert (summary.name, summary.bytes) == ("portable-data.zip", len(kept[1]))
    assert summary.sha256 == hashlib.sha256(kept[1]).hexdigest()
    found = files()
    manifest = json.loads(found["manifest.json"])
    assert manifest["spec"] == "rightsdesk-transfer/1"
    assert manifest["controller"] == "Kumo Furniture"
    assert {entry["path"]: entry["sha256"] for entry in manifest["files"]} == {
        path: hashlib.sha256(content).hexdigest()
        for path, content in found.items()
        if path not in ("manifest.json", "SHA256SUMS")
    }


def test_a88_the_receiver_finds_what_was_altered_added_or_left_out_with_sha256sum(tmp_path: Path) -> None:
    """As its README says. The list itself is covered by the digest that goes with the whole."""
    found = files()
    listed = {line.partition("  ")[2] for line in found["SHA256SUMS"].decode().splitlines()}
    assert listed == set(found) - {"SHA256SUMS"}
    for name, content in found.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)

    def agrees() -> bool:
        checked = subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=tmp_path, capture_output=True)
        return checked.returncode == 0

    assert agrees()
    for name, content in found.items():
        if name != "SHA256SUMS":
            (tmp_path / name).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
            assert not agrees(), name
            (tmp_path / name).unlink()
            assert not agrees(), name
            (tmp_path / name).write_bytes(content)


def test_it_leads_to_nothing_else_about_the_person() -> None:
    treatments = {"orders/orders": Treatment.GIVE, "files/support_messages": Treatment.GIVE}
    everything = b"".join(files(inputs=collected(treatments=treatments)).values()).decode()
    reference_or_subject = ("RD-7K3M-9QXD-W", "5f2b5f2b", "answer/", "withheld.json")
    inferred_assigned_or_about_others = ("M-001042", "HYPERLINK", "fraud_score", "password", "1204", "田中", "T-9")
    for said in (*reference_or_subject, *inferred_assigned_or_about_others):
        assert said not in everything, said
    for provided_or_observed in ("O-2026-000017", "Oak chair", "/chairs?page=28"):
        assert provided_or_observed in everything


def test_rows_about_others_stay_unless_staff_gave_them() -> None:
    withheld = b"".join(files(inputs=collected()).values()).decode()
    given = b"".join(files(inputs=collected(treatments={"orders/orders": Treatment.GIVE})).values()).decode()
    assert "おめでとう" not in withheld
    assert "おめでとう" in given


@pytest.mark.parametrize(
    ("readme", "says"),
    [
        ("README.txt", ("Kumo Furniture", "GDPR Article 20(2)", "sha256sum --check", "RFC 9421", "3 October 2026")),
        ("README.ja.txt", ("雲家具株式会社", "GDPR第20条2項", "sha256sum --check", "RFC 9421", "2026年10月3日")),
    ],
)
def test_the_receiver_reads_in_both_languages_what_it_got(readme: str, says: tuple[str, ...]) -> None:
    content = files()[readme].decode()
    for part in (*says, "portability/customer.json", "privacy@shop.example"):
        assert part in content


def test_the_same_records_give_the_same_bytes() -> None:
    assert build()[1] == build()[1]


def test_nothing_is_opened_where_nothing_is_portable() -> None:
    empty = [each for each in collected() if each.collection.path not in ("shop/members",)]
    only_assigned = [each for each in empty if not any(f.portable for f in each.collection.disclosed.values())]
    assert build(inputs=only_assigned) == (None, {})


def test_what_one_zip_can_not_hold_is_not_sent_in_pieces() -> None:
    limits = PackageLimits(part_bytes=200_000, reserve_bytes=60_000, file_bytes=1_000)
    digests = [hashlib.sha512(str(number).encode()).hexdigest() for number in range(2_000)]
    visits: list[Record] = [{"page": f"/{digest}", "visited_at": "2026-01-01T00:00:00Z"} for digest in digests]
    inputs = collected({"analytics/site_visits": visits})
    with pytest.raises(TransferTooLargeError):
        build(inputs=inputs, limits=limits)
