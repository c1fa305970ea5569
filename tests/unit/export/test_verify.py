"""The check of a package: it names every kind of damage, offline, and a hostile file can't make it work without end."""

import hashlib
import io
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightsdesk.domain.records import Record
from rightsdesk.export.package import PackageLimits
from rightsdesk.export.verify import VerificationLimits, VerificationReport, verify_package
from tests.unit.export.package_of_a_shop import PACKAGE, ROOT, build, collected, context, save

Entries = dict[str, bytes]
SUMMARY, PARTS = build()
WHOLE = PARTS[1]
ORDERS = f"{PACKAGE}/data/orders.csv"
MANIFEST = f"{PACKAGE}/manifest.json"
SUMS = f"{PACKAGE}/SHA256SUMS"


def verified(content: bytes, folder: Path, **options: Any) -> VerificationReport:
    path = folder / f"{PACKAGE}.zip"
    path.write_bytes(content)
    return verify_package(path, **options)


def entries() -> Entries:
    with zipfile.ZipFile(io.BytesIO(WHOLE)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(content: Mapping[str, bytes], *, attributes: Mapping[str, int] | None = None) -> bytes:
    """A ZIP that somebody else made: any name goes in."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            info = zipfile.ZipInfo("x")
            info.filename = info.orig_filename = name
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (attributes or {}).get(name, 0o100644 << 16)
            archive.writestr(info, data)
    return stream.getvalue()


def found(report: VerificationReport) -> set[tuple[str, str]]:
    return {(problem.code, problem.path) for problem in report.problems}


def test_a88_a_whole_package_is_whole(tmp_path: Path) -> None:
    report = verified(WHOLE, tmp_path, expected_manifest_sha256=SUMMARY.manifest_sha256.upper())
    assert report.ok, report.problems
    assert report.reference == "RD-7K3M-9QXD-W"
    assert report.files == SUMMARY.files
    assert report.manifest_sha256 == SUMMARY.manifest_sha256
    assert hashlib.sha256(WHOLE).hexdigest() == SUMMARY.parts[0].sha256
    assert list(tmp_path.iterdir()) == [tmp_path / f"{PACKAGE}.zip"], "nothing was unpacked"


def test_a88_packed_anew_by_another_program_it_is_still_whole(tmp_path: Path) -> None:
    assert verified(packed(entries()), tmp_path).ok


def alter(content: Entries) -> None:
    content[ORDERS] = content[ORDERS].replace(b"48200", b"48201")


def lengthen(content: Entries) -> None:
    content[ORDERS] += b"x"


def remove(content: Entries) -> None:
    del content[ORDERS]


def add(content: Entries) -> None:
    content[f"{PACKAGE}/data/more.csv"] = b"x"


def alter_manifest(content: Entries) -> None:
    manifest = json.loads(content[MANIFEST])
    file = next(file for file in manifest["files"] if file["path"] == "data/orders.csv")
    content[ORDERS] = b"forged"
    file["bytes"], file["sha256"] = 6, hashlib.sha256(b"forged").hexdigest()
    content[MANIFEST] = json.dumps(manifest).encode()


def break_manifest(content: Entries) -> None:
    content[MANIFEST] = content[MANIFEST][:-10]


def widen_manifest(content: Entries) -> None:
    content[MANIFEST] = json.dumps(json.loads(content[MANIFEST]) | {"more": 1}).encode()


def drop_manifest(content: Entries) -> None:
    del content[MANIFEST]


def drop_sums(content: Entries) -> None:
    del content[SUMS]


def alter_sums(content: Entries) -> None:
    content[SUMS] = content[SUMS].replace(content[SUMS][:64], b"0" * 64, 1)


def reorder_sums(content: Entries) -> None:
    content[SUMS] = b"".join(reversed(content[SUMS].splitlines(keepends=True)))


def slip(content: Entries) -> None:
    content["../../etc/x"] = b"x"


def backslash(content: Entries) -> None:
    content[f"{PACKAGE}\\x"] = b"x"


def other_case(content: Entries) -> None:
    content[ORDERS.replace("orders", "ORDERS")] = b"x"


def other_folder(content: Entries) -> None:
    for name in list(content):
        content[name.replace(PACKAGE, "renamed")] = content.pop(name)


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (alter, {("altered", "data/orders.csv")}),
        (lengthen, {("altered", "data/orders.csv")}),
        (remove, {("missing", "data/orders.csv")}),
        (add, {("extra", "data/more.csv")}),
        (
            alter_manifest,
            {("manifest_wrong", "manifest.json"), ("sums_wrong", "data/orders.csv"), ("sums_wrong", "manifest.json")},
        ),
        (break_manifest, {("manifest_wrong", "manifest.json")}),
        (widen_manifest, {("manifest_wrong", "manifest.json")}),
        (drop_manifest, {("manifest_missing", "manifest.json")}),
        (drop_sums, {("missing", "SHA256SUMS")}),
        (alter_sums, {("sums_wrong", "README.ja.txt")}),
        (reorder_sums, {("sums_wrong", "SHA256SUMS")}),
        (slip, {("bad_name", "../../etc/x")}),
        (backslash, {("bad_name", f"{PACKAGE}\\x")}),
        (other_case, {("duplicate", f"{PACKAGE}/data/ORDERS.csv")}),
        (other_folder, {("manifest_wrong", "manifest.json")}),
    ],
)
def test_a88_each_kind_of_damage_is_named(
    damage: Callable[[Entries], None], expected: set[tuple[str, str]], tmp_path: Path
) -> None:
    content = entries()
    damage(content)
    assert found(verified(packed(content), tmp_path)) == expected


def test_a88_a_package_forged_as_a_whole_is_known_by_the_letter_only(tmp_path: Path) -> None:
    _, forged = build(context(subject="0" * 64))
    assert verified(forged[1], tmp_path).ok
    report = verified(forged[1], tmp_path, expected_manifest_sha256=SUMMARY.manifest_sha256)
    assert found(report) == {("manifest_not_as_announced", "manifest.json")}


def test_a86_a_symbolic_link_is_not_a_file(tmp_path: Path) -> None:
    report = verified(packed(entries(), attributes={ORDERS: 0o120777 << 16}), tmp_path)
    assert ("bad_name", ORDERS) in found(report)
    assert ("missing", "data/orders.csv") in found(report)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a86_a_name_twice_is_named(tmp_path: Path) -> None:
    stream = io.BytesIO(packed(entries()))
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr(ORDERS, b"second")
    assert ("duplicate", ORDERS) in found(verified(stream.getvalue(), tmp_path))


def hide_in_front(content: bytes) -> bytes:
    return b"#!/bin/sh\n" + content


def hide_behind(content: bytes) -> bytes:
    return content + b"more"


def hide_between(content: bytes) -> bytes:
    """A file with no place in the directory: what unpacks while it reads would find it."""
    stream = io.BytesIO(content)
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr(f"{PACKAGE}/secret.txt", b"hidden")
        archive.filelist.pop()
    return stream.getvalue()


@pytest.mark.parametrize("hide", [hide_in_front, hide_behind, hide_between])
def test_a88_bytes_that_belong_to_no_file_are_found(hide: Callable[[bytes], bytes], tmp_path: Path) -> None:
    report = verified(hide(WHOLE), tmp_path)
    assert {problem.code for problem in report.problems} & {"hidden_bytes", "not_a_package"}


@pytest.mark.parametrize(
    "content", [b"", b"PK", b"no zip at all" * 100, WHOLE[:-1], WHOLE[: len(WHOLE) // 2], WHOLE[100:]]
)
def test_a88_what_is_no_package_is_said_to_be_none(content: bytes, tmp_path: Path) -> None:
    assert {problem.code for problem in verified(content, tmp_path).problems} == {"not_a_package"}


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_a88_one_altered_byte_never_goes_unseen_in_a_file_and_never_crashes(position: int, flip: int) -> None:
    content = bytearray(WHOLE)
    content[position] ^= flip
    with tempfile.TemporaryDirectory() as folder:
        report = verified(bytes(content), Path(folder))
    if report.ok:  # then it was a byte of a header, such as a time, and every file is as it was
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert {name: archive.read(name) for name in archive.namelist()} == entries()


def test_a40_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    content = entries() | {f"{PACKAGE}/data/zeros.bin": bytes(50_000_000)}
    bomb = packed(content)
    assert len(bomb) < 300_000
    report = verified(bomb, tmp_path, limits=VerificationLimits(file_bytes=10_000_000))
    assert ("too_large", f"{PACKAGE}/data/zeros.bin") in found(report)
    report = verified(bomb, tmp_path, limits=VerificationLimits(part_bytes=10_000_000))
    assert found(report) == {("too_large", f"{PACKAGE}.zip")}
    report = verified(WHOLE, tmp_path, limits=VerificationLimits(entries=10))
    assert found(report) == {("not_a_package", f"{PACKAGE}.zip")}
    report = verified(WHOLE, tmp_path, limits=VerificationLimits(manifest_bytes=100))
    assert ("too_large", "manifest.json") in found(report)


def test_a94_names_in_a_report_are_one_harmless_line(tmp_path: Path) -> None:
    content = entries() | {f"{PACKAGE}/\x1b[2J\r\nOK\u202e": b"x"}
    (problem,) = verified(packed(content), tmp_path).problems
    assert problem.code == "bad_name"
    assert problem.path.isprintable()


def test_a_missing_file_is_the_callers_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        verify_package(tmp_path / "none.zip")


LIMITS = PackageLimits(part_bytes=700_000, reserve_bytes=300_000, file_bytes=200_000, csv_rows=700)


def in_parts(folder: Path, *, visitor: str = "a-1") -> tuple[Path, list[Path]]:
    """A package of several parts, from rows that can't be packed much: the first part and all of them."""
    folder.mkdir(exist_ok=True)
    noise: list[Record] = [
        {"analytics_id": visitor, "page": hashlib.sha512(f"{visitor}{number}".encode()).hexdigest() * 2}
        for number in range(6000)
    ]
    summary, kept = build(inputs=collected({"analytics/site_visits": noise}), limits=LIMITS)
    first = save(kept, summary, folder)
    return first, [folder / part.name for part in summary.parts]


def test_a88_parts_vouch_for_one_another(tmp_path: Path) -> None:
    first, parts = in_parts(tmp_path)
    assert len(parts) >= 3
    assert [path.name for path in parts[:2]] == [f"{PACKAGE}.zip", f"{PACKAGE}-part2.zip"]
    assert all(path.stat().st_size <= LIMITS.part_bytes for path in parts)
    for path in parts:
        report = verify_package(path)
        assert report.ok, report.problems
        assert len(report.parts) == len(parts)
    parts[1].unlink()
    assert found(verify_package(first)) == {("part_missing", parts[1].name)}


def test_a88_a_part_of_another_package_is_found(tmp_path: Path) -> None:
    first, parts = in_parts(tmp_path / "a")
    _, others = in_parts(tmp_path / "b", visitor="a-2")
    parts[1].write_bytes(others[1].read_bytes())
    assert ("part_mismatch", parts[1].name) in found(verify_package(first))


def test_a88_each_part_agrees_with_sha256sum(tmp_path: Path) -> None:
    _, parts = in_parts(tmp_path)
    for path in parts:
        with zipfile.ZipFile(path) as archive:
            archive.extractall(tmp_path)
            folder = tmp_path / archive.namelist()[0].split("/")[0]
        for line in (folder / "SHA256SUMS").read_text().splitlines():
            digest, name = line.split("  ")
            assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
        listed = {line.split("  ")[1] for line in (folder / "SHA256SUMS").read_text().splitlines()}
        on_disk = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}
        assert on_disk == listed | {"SHA256SUMS"}


def test_a88_the_same_input_gives_the_same_bytes_in_another_process() -> None:
    program = (
        "import hashlib;from tests.unit.export.package_of_a_shop import build;"
        "print(hashlib.sha256(build()[1][1]).hexdigest())"
    )
    environment = {"PYTHONPATH": f"{ROOT / 'layers/core/python'}:{ROOT}", "PYTHONHASHSEED": "7", "TZ": "America/Lima"}
    result = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == hashlib.sha256(WHOLE).hexdigest()
    assert build()[1][1] == WHOLE


def test_a88_another_input_gives_another_package() -> None:
    later = replace(context(), subject="1" * 64)
    assert build(later)[0].manifest_sha256 != SUMMARY.manifest_sha256
