"""The manifest of a part: what is in it, where it came from, and what every other part holds.

A part can't name its own hash, so parts vouch for one another by `contents_sha256`, the hash of the list of their
files. The hash of the first manifest travels outside the package (in the letter), which closes the chain.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

SPECIFICATION = "rightsdesk-export/1"
TRANSFER_SPECIFICATION = "rightsdesk-transfer/1"
MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class FileEntry(_Model):
    """One file. `bytes` and `sha256` are of the file itself, not of its compressed form."""

    path: str
    bytes: Count
    sha256: Sha256
    media_type: str
    rows: Count | None = None
    json_schema: str | None = Field(default=None, alias="schema")


class PartEntry(_Model):
    """One ZIP of the package and the hash of its list of files (`contents_digest`)."""

    part: Annotated[int, Field(ge=1)]
    name: str
    folder: str
    files: Count
    contents_sha256: Sha256


class SourceEntry(_Model):
    """What one collection of one source gave. `empty` is an answer: nothing is held there."""

    name: str
    collection: str
    status: Literal["ok", "empty"]
    rows: Count
    withheld_rows: Count
    as_of: datetime
    files: tuple[str, ...]


class Manifest(_Model):
    """`part` is this one; `files` are those of this part, without the manifest and the list of sums themselves."""

    spec: Literal["rightsdesk-export/1"]
    reference: str
    subject: str
    types: tuple[str, ...]
    language: str
    generated_at: datetime
    generator: str
    datamap_version: str
    part: Annotated[int, Field(ge=1)]
    parts: tuple[PartEntry, ...]
    files: tuple[FileEntry, ...]
    sources: tuple[SourceEntry, ...]


class TransferManifest(_Model):
    """Of what goes to another controller: who sends it, and its files. It leads to nothing else about the person."""

    spec: Literal["rightsdesk-transfer/1"]
    generated_at: datetime
    generator: str
    controller: str
    contact: str
    files: tuple[FileEntry, ...]


def contents_digest(files: Iterable[FileEntry]) -> str:
    """SHA-256 over the lines `<sha256>  <path>` of the files, sorted by path."""
    return hashlib.sha256(sums_text(files).encode()).hexdigest()


def sums_text(files: Iterable[FileEntry], *, manifest_sha256: str | None = None) -> str:
    """The list that `sha256sum --check` reads inside the folder of the part."""
    lines = {entry.path: entry.sha256 for entry in files}
    if manifest_sha256 is not None:
        lines[MANIFEST] = manifest_sha256
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(lines.items()))
