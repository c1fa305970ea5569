"""The names of files in a package: an allow-list, so that unpacking can't reach beyond its folder.

A name must mean the same on Windows, macOS and Linux: ASCII, at most 120 bytes, no name that Windows keeps for a
device, no two names that differ in case only.
"""

import re
import stat

MAX_NAME_BYTES = 120
_SEGMENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9]|conin\$|conout\$)(\.|$)", re.IGNORECASE)
_DRIVE = re.compile(r"[A-Za-z]:")


class EntryNameError(ValueError):
    """A name that must not be in a package; the message says which and why."""


def name_problem(name: str) -> str | None:
    """What is wrong with the name of an entry, or None. Names of directories (`a/`) are wrong: packages hold files."""
    segments = name.split("/")
    checks = (
        (not name, "is empty"),
        (len(name.encode("utf-8", "surrogatepass")) > MAX_NAME_BYTES, f"is longer than {MAX_NAME_BYTES} bytes"),
        ("\\" in name, "holds a backslash"),
        (name.startswith("/"), "begins at the root"),
        (_DRIVE.match(name) is not None, "begins with a drive"),
        (".." in segments or "." in segments, "leaves its folder"),
        (any(_DEVICE.match(segment) for segment in segments), "is a device name of Windows"),
        (any(segment.endswith((".", " ")) for segment in segments), "ends with a dot or a blank"),
        (not all(_SEGMENT.fullmatch(segment) for segment in segments), "holds other than letters, digits and ._-"),
    )
    return next((reason for wrong, reason in checks if wrong), None)


def is_regular_file(external_attr: int) -> bool:
    """Whether the attributes of an entry say plain file (or nothing); a symbolic link or a device does not."""
    mode = external_attr >> 16
    return stat.S_IFMT(mode) in (0, stat.S_IFREG)


class EntryNames:
    """The names given so far in one package; `claim` takes each once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def claim(self, name: str) -> str:
        """The name itself; raises EntryNameError for a bad one and for one that is taken, whatever its case."""
        problem = name_problem(name)
        if problem is None and name.casefold() in self._taken:
            problem = "is there already"
        if problem is not None:
            raise EntryNameError(f"{name!r} {problem}")
        self._taken.add(name.casefold())
        return name
