"""One part: streamed to what can't be sought, the same bytes for the same files, in time with isal and without."""

import gc
import hashlib
import io
import zipfile
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from rightsdesk.export.archive import FileDigest, PackageError, PartArchive
from rightsdesk.export.entry_names import EntryNameError

MODIFIED = datetime(2026, 10, 3, 2, 30, 16, tzinfo=UTC)
CONTENT = b"".join(b'{"order":"O-%06d","total":%d}\n' % (n, n * 37 % 1000) for n in range(20_000))


class WriteOnly:
    """Knows `write` and nothing else: no tell, no seek."""

    def __init__(self) -> None:
        self.content = bytearray()
        self.largest = 0

    def write(self, data: bytes, /) -> None:
        self.content += data
        self.largest = max(self.largest, len(data))


def written(*, modified: datetime = MODIFIED, fast: bool = True) -> tuple[WriteOnly, FileDigest, FileDigest]:
    sink = WriteOnly()
    archive = PartArchive(sink, folder="F", modified=modified, fast=fast)
    with archive.entry("data/orders.jsonl") as entry:
        for start in range(0, len(CONTENT), 1000):
            entry.write(CONTENT[start : start + 1000])
    with archive.entry("empty.txt"):
        pass
    return sink, entry.digest(), archive.close()


@pytest.mark.parametrize("fast", [True, False])
def test_a_part_unpacks_to_what_was_written(fast: bool) -> None:
    sink, entry, part = written(fast=fast)
    with zipfile.ZipFile(io.BytesIO(sink.content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["F/data/orders.jsonl", "F/empty.txt"]
        assert archive.read("F/data/orders.jsonl") == CONTENT
        assert {info.date_time for info in archive.infolist()} == {(2026, 10, 3, 2, 30, 16)}
        assert {info.external_attr >> 16 for info in archive.infolist()} == {0o100644}
    assert entry == FileDigest(len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    assert part == FileDigest(len(sink.content), hashlib.sha256(sink.content).hexdigest())


def test_isal_packs_and_zlib_is_there_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    fast, plain = written(fast=True)[0].content, written(fast=False)[0].content
    assert fast != plain, "isal is not in the place of zlib: has zipfile renamed its compressor?"
    assert len(fast) < 1.5 * len(plain)
    monkeypatch.setattr("rightsdesk.export.archive.isal_zlib", None)
    assert written(fast=True)[0].content == plain


def test_a88_the_same_files_give_the_same_bytes_in_every_zone() -> None:
    tokyo = MODIFIED.astimezone(timezone(timedelta(hours=9)))
    assert written()[0].content == written(modified=tokyo)[0].content


def test_pieces_stay_small() -> None:
    assert written()[0].largest < 1024 * 1024


def fill(archive: PartArchive, kilobytes: int) -> None:
    with archive.entry("noise.bin") as entry:
        for number in range(kilobytes):
            entry.write(hashlib.shake_256(number.to_bytes(4)).digest(1024))  # nothing that could be packed


def test_a_part_ends_at_its_limit_and_leaves_no_directory() -> None:
    sink = WriteOnly()
    archive = PartArchive(sink, folder="F", modified=MODIFIED, max_bytes=300_000)
    with pytest.raises(PackageError, match="300000"):
        fill(archive, kilobytes=1000)
    archive.abandon()
    del archive
    gc.collect()  # a ZipFile that is thrown away writes its directory: it must not reach the sink
    assert b"PK\x05\x06" not in sink.content
    assert len(sink.content) <= 300_000


def test_a86_a_bad_or_doubled_name_is_refused_before_anything_is_written() -> None:
    archive = PartArchive(WriteOnly(), folder="F", modified=MODIFIED)
    with archive.entry("a.txt"):
        pass
    for name in ("../a.txt", "A.TXT"):
        with pytest.raises(EntryNameError), archive.entry(name):
            pass
    archive.abandon()


def test_a_real_unpacker_agrees(tmp_path: Path) -> None:
    sink = written()[0]
    (tmp_path / "part.zip").write_bytes(sink.content)
    with zipfile.ZipFile(tmp_path / "part.zip") as archive:
        archive.extractall(tmp_path)
    assert (tmp_path / "F/data/orders.jsonl").read_bytes() == CONTENT
