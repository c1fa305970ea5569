"""Checks a package offline and names what is wrong with it.

Nothing is unpacked to disk, nothing is fetched, and a hostile file costs bounded time and memory: the directory of
the ZIP is measured before it is read, and every file is read in pieces up to a limit.
# serves: E-02
"""

import hashlib
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from pydantic import ValidationError

from rightsdesk.export.container import container_problem, hidden_bytes
from rightsdesk.export.entry_names import is_regular_file, name_problem
from rightsdesk.export.manifest import MANIFEST, SUMS, FileEntry, Manifest, PartEntry, contents_digest, sums_text

_CHUNK = 1024 * 1024
_ENCRYPTED = 0x1
_UNREADABLE = (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)


@dataclass(frozen=True)
class VerificationLimits:
    """What one part may hold before it is refused: entries, bytes of one file, of all files, of manifest and sums."""

    entries: int = 20_000
    file_bytes: int = 4 * 1024**3
    part_bytes: int = 64 * 1024**3
    manifest_bytes: int = 32 * 1024**2


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. `code` is stable, `path` the part or the file in it, `detail` says more in English.

    Codes: not_a_package, too_large, bad_name, duplicate, unreadable, hidden_bytes, manifest_missing, manifest_wrong,
    sums_wrong, missing, extra, altered, part_missing, part_mismatch, manifest_not_as_announced.
    """

    code: str
    path: str
    detail: str


@dataclass(frozen=True)
class VerificationReport:
    """`problems` is empty for a package that is whole and unchanged."""

    reference: str | None
    parts: tuple[str, ...]
    files: int
    bytes: int
    manifest_sha256: str | None
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        return not self.problems


def verify_package(
    path: Path,
    *,
    expected_manifest_sha256: str | None = None,
    limits: VerificationLimits | None = None,
) -> VerificationReport:
    """Checks the part at `path` and the other parts that it names, which are looked for beside it.

    `expected_manifest_sha256` is the hash that the letter names; only with it can a package be recognised that was
    altered together with its own manifest. Raises FileNotFoundError where there is no file at `path`.
    """
    limits = limits or VerificationLimits()
    first = _check_part(path, limits)
    checked = [first]
    if first.manifest is not None:
        checked += [_check_part(other, limits) for other in _other_parts(path, first.manifest) if other.is_file()]
    problems = [problem for part in checked for problem in part.problems]
    problems += _disagreements(path, checked)
    announced = _manifest_of_first_part(checked)
    if expected_manifest_sha256 is not None and announced != expected_manifest_sha256.strip().lower():
        problems.append(
            Problem("manifest_not_as_announced", MANIFEST, "the manifest is not the one that the letter names")
        )
    return VerificationReport(
        reference=first.manifest.reference if first.manifest else None,
        parts=tuple(part.name for part in checked),
        files=sum(part.files for part in checked),
        bytes=sum(part.bytes for part in checked),
        manifest_sha256=announced,
        problems=tuple(problems),
    )


@dataclass
class _CheckedPart:
    name: str
    manifest: Manifest | None = None
    manifest_sha256: str | None = None
    files: int = 0
    bytes: int = 0
    problems: list[Problem] = field(default_factory=list)

    def report(self, code: str, path: str, detail: str) -> None:
        self.problems.append(Problem(code, _shown(path), detail))


def _check_part(path: Path, limits: VerificationLimits) -> _CheckedPart:
    part = _CheckedPart(path.name)
    with path.open("rb") as stream:
        reason = container_problem(stream, max_entries=limits.entries)
        if reason is not None:
            part.report("not_a_package", part.name, reason)
            return part
        try:
            with ZipFile(stream) as archive:
                _check_archive(part, archive, stream, limits)
        except _UNREADABLE as error:
            part.report("not_a_package", part.name, f"can't be read as a ZIP ({type(error).__name__})")
    return part


def _check_archive(part: _CheckedPart, archive: ZipFile, stream: BinaryIO, limits: VerificationLimits) -> None:
    infos = archive.infolist()
    if sum(info.file_size for info in infos) > limits.part_bytes:
        part.report("too_large", part.name, f"unpacks to more than {limits.part_bytes} bytes")
        return
    if hidden_bytes(archive, stream):
        part.report("hidden_bytes", part.name, "holds bytes that belong to no listed file")
    entries = _sound_entries(part, infos, limits)
    folders = {name.split("/", 1)[0] for name in entries}
    if len(folders) != 1:
        part.report("manifest_missing", MANIFEST, "the part must hold one folder with a manifest")
        return
    folder = folders.pop()
    relative = {name.removeprefix(f"{folder}/"): info for name, info in entries.items()}
    if not _read_manifest(part, archive, relative, folder, limits):
        return
    _check_files(part, archive, relative)
    _check_sums(part, archive, relative, limits)


def _sound_entries(part: _CheckedPart, infos: Sequence[ZipInfo], limits: VerificationLimits) -> dict[str, ZipInfo]:
    """The entries that may be looked into; each other one is reported."""
    entries: dict[str, ZipInfo] = {}
    taken: set[str] = set()
    for info in infos:
        name = info.orig_filename
        problem = name_problem(name)
        if problem is not None:
            part.report("bad_name", name, problem)
        elif name.casefold() in taken:
            part.report("duplicate", name, "is there twice")
        elif not is_regular_file(info.external_attr):
            part.report("bad_name", name, "is a link or a device, not a file")
        elif info.file_size > limits.file_bytes:
            part.report("too_large", name, f"is larger than {limits.file_bytes} bytes")
        elif info.flag_bits & _ENCRYPTED or info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            part.report("unreadable", name, "is encrypted or packed in a way that packages never are")
        else:
            entries[name] = info
        taken.add(name.casefold())
    return entries


def _read_manifest(
    part: _CheckedPart, archive: ZipFile, entries: dict[str, ZipInfo], folder: str, limits: VerificationLimits
) -> bool:
    raw = _read_small(part, archive, entries, MANIFEST, limits)
    if raw is None:
        return False
    try:
        manifest = Manifest.model_validate_json(raw)
    except ValidationError as error:
        where = ", ".join(".".join(map(str, problem["loc"])) or "all of it" for problem in error.errors()[:3])
        part.report("manifest_wrong", MANIFEST, f"is not a manifest of this format: {_shown(where)}")
        return False
    own = [entry for entry in manifest.parts if entry.part == manifest.part]
    numbers = [entry.part for entry in manifest.parts]
    if len(own) != 1 or sorted(numbers) != list(range(1, len(numbers) + 1)):
        part.report("manifest_wrong", MANIFEST, "does not name the parts of the package in order")
        return False
    paths = [entry.path for entry in manifest.files]
    if len(set(paths)) != len(paths):
        part.report("manifest_wrong", MANIFEST, "names a file twice")
    if own[0].folder != folder:
        part.report("manifest_wrong", MANIFEST, "belongs to a folder of another name")
    if own[0].contents_sha256 != contents_digest(manifest.files) or own[0].files != len(paths):
        part.report("manifest_wrong", MANIFEST, "its list of files does not match its own digest")
    part.manifest, part.manifest_sha256 = manifest, hashlib.sha256(raw).hexdigest()
    return True


def _check_files(part: _CheckedPart, archive: ZipFile, entries: dict[str, ZipInfo]) -> None:
    assert part.manifest is not None  # noqa: S101 - the caller read it
    listed: dict[str, FileEntry] = {entry.path: entry for entry in part.manifest.files}
    for path in sorted(entries.keys() - listed.keys() - {MANIFEST, SUMS}):
        part.report("extra", path, "is not in the manifest")
    for path, entry in sorted(listed.items()):
        info = entries.get(path)
        if info is None:
            part.report("missing", path, "is in the manifest, not in the package")
            continue
        part.files += 1
        if info.file_size != entry.bytes:
            part.report("altered", path, f"has {info.file_size} bytes, not {entry.bytes}")
            continue
        try:
            digest, size = _digest(archive, info)
        except _UNREADABLE as error:
            part.report("unreadable", path, f"can't be unpacked ({type(error).__name__})")
            continue
        part.bytes += size
        if digest != entry.sha256 or size != entry.bytes:
            part.report("altered", path, "its content is not what the manifest says")


def _check_sums(part: _CheckedPart, archive: ZipFile, entries: dict[str, ZipInfo], limits: VerificationLimits) -> None:
    assert part.manifest is not None  # noqa: S101 - the caller read it
    raw = _read_small(part, archive, entries, SUMS, limits)
    if raw is None:
        return
    expected = sums_text(part.manifest.files, manifest_sha256=part.manifest_sha256).splitlines()
    actual = raw.decode("utf-8", "replace").splitlines()
    paths = sorted({line.partition("  ")[2] for line in set(expected) ^ set(actual)})
    for path in paths:
        part.report("sums_wrong", path, f"{SUMS} and the manifest disagree")
    if not paths and actual != expected:
        part.report("sums_wrong", SUMS, "lists a file twice or out of order")


def _read_small(
    part: _CheckedPart, archive: ZipFile, entries: dict[str, ZipInfo], name: str, limits: VerificationLimits
) -> bytes | None:
    info = entries.get(name)
    if info is None:
        part.report("manifest_missing" if name == MANIFEST else "missing", name, "is not in the package")
        return None
    if info.file_size > limits.manifest_bytes:
        part.report("too_large", name, f"is larger than {limits.manifest_bytes} bytes")
        return None
    try:
        return b"".join(_pieces(archive, info))
    except _UNREADABLE as error:
        part.report("unreadable", name, f"can't be unpacked ({type(error).__name__})")
        return None


def _digest(archive: ZipFile, info: ZipInfo) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    for piece in _pieces(archive, info):
        digest.update(piece)
        size += len(piece)
    return digest.hexdigest(), size


def _pieces(archive: ZipFile, info: ZipInfo) -> Iterator[bytes]:
    """zipfile stops at the size that the directory declares, which the limits have seen."""
    with archive.open(info) as handle:
        while piece := handle.read(_CHUNK):
            yield piece


def _other_parts(path: Path, manifest: Manifest) -> list[Path]:
    names = [entry.name for entry in manifest.parts if entry.part != manifest.part]
    return [path.with_name(name) for name in names if name_problem(name) is None and "/" not in name]


def _disagreements(path: Path, checked: Sequence[_CheckedPart]) -> list[Problem]:
    """What the first part says of the others, against what they are."""
    manifest = checked[0].manifest
    if manifest is None:
        return []
    found: dict[int, Manifest] = {part.manifest.part: part.manifest for part in checked if part.manifest}
    problems = []
    for entry in manifest.parts:
        other = found.get(entry.part)
        if other is None:
            problems.append(Problem("part_missing", _shown(entry.name), f"is not beside {path.name} or can't be read"))
        elif other is not manifest and not _belongs(other, manifest, entry):
            problems.append(Problem("part_mismatch", _shown(entry.name), "is not the part that the manifest names"))
    return problems


def _belongs(other: Manifest, manifest: Manifest, entry: PartEntry) -> bool:
    same = other.model_copy(update={"part": manifest.part, "files": manifest.files}) == manifest
    return same and contents_digest(other.files) == entry.contents_sha256


def _manifest_of_first_part(checked: Sequence[_CheckedPart]) -> str | None:
    return next((part.manifest_sha256 for part in checked if part.manifest and part.manifest.part == 1), None)


def _shown(text: str) -> str:
    """A name as it may be printed: whatever it holds, one line without control characters."""
    return text.encode("unicode_escape").decode()[:200] if not text.isprintable() else text[:200]
