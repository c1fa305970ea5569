"""A downloaded package, as a test looks into it."""

import io
import json
import tempfile
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from rightsdesk.export.verify import VerificationReport, verify_package


class Package:
    """What is in a ZIP of ours, by the path inside its one folder."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        with ZipFile(io.BytesIO(content)) as archive:
            self.files = {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}

    def json(self, path: str) -> Any:
        return json.loads(self.files[path])

    @property
    def manifest(self) -> Any:
        return self.json("manifest.json")

    def records(self, collection: str) -> list[dict[str, Any]]:
        """The records of one collection (`orders`)."""
        return list(self.json(f"data/{collection}.json")["records"])

    @property
    def found(self) -> dict[str, int]:
        """Rows by collection, those without any included."""
        return {entry["collection"]: entry["rows"] for entry in self.manifest["sources"]}

    def has_portable_part(self) -> bool:
        return any(path.startswith("portability/") for path in self.files)

    def says(self, text: str) -> bool:
        """Whether any file holds the text."""
        return any(text.encode() in content for content in self.files.values())

    def verified(self) -> VerificationReport:
        """What `rightsdesk export verify` finds."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / f"{self.manifest['parts'][0]['name']}"
            file.write_bytes(self.content)
            return verify_package(file)
