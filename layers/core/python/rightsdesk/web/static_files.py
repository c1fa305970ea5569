"""The style sheet and the icon. The address holds a digest of the content, so that a browser may keep it for good."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "static"
_TYPES = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml; charset=utf-8"}


@dataclass(frozen=True)
class StaticFile:
    address: str  # `site.0f3a9c2b1d4e.css`
    content_type: str
    text: str


@cache
def static_files() -> dict[str, StaticFile]:
    """All of them by plain name: `site.css`."""
    files = {}
    for path in sorted(_FOLDER.iterdir()):
        text = path.read_text(encoding="utf-8")
        digest = hashlib.sha256(text.encode()).hexdigest()[:12]
        files[path.name] = StaticFile(f"{path.stem}.{digest}{path.suffix}", _TYPES[path.suffix], text)
    return files


def static_file_at(address: str) -> StaticFile | None:
    return next((file for file in static_files().values() if file.address == address), None)
