"""The frame of a ZIP, looked at before and beside `zipfile`: its directory, and bytes that no entry accounts for."""

import struct
from typing import BinaryIO
from zipfile import ZipFile

_END = struct.Struct("<4s4H2LH")
_END_SIGNATURE = b"PK\x05\x06"
_ZIP64_LOCATOR = b"PK\x06\x07"
_LOCAL = struct.Struct("<4s5H3L2H")
_LOCATOR_BYTES = 20
_DESCRIPTOR_BYTES = 16
_HAS_DESCRIPTOR = 0x08
_MAX_DIRECTORY_ENTRY = 46 + 3 * 65_535


def container_problem(stream: BinaryIO, *, max_entries: int) -> str | None:
    """Why the file can't be a part, or None. Reads its end only, so that a huge directory is never loaded."""
    size = stream.seek(0, 2)
    if size < _END.size:
        return "is no ZIP or is cut off"
    stream.seek(max(0, size - _END.size - _LOCATOR_BYTES))
    tail = stream.read()
    signature, _disk, _first, _here, entries, length, offset, comment = tuple(_END.unpack(tail[-_END.size :]))[:8]
    if signature != _END_SIGNATURE or comment:
        return "is no ZIP, is cut off, or has something after its end"
    if tail[: -_END.size].startswith(_ZIP64_LOCATOR) or 0xFFFF in (entries,) or 0xFFFFFFFF in (length, offset):
        return "is in the ZIP64 format, which parts never need"
    if entries > max_entries or length > entries * _MAX_DIRECTORY_ENTRY or offset + length + _END.size != size:
        return "has a directory that does not fit the file"
    return None


def hidden_bytes(archive: ZipFile, stream: BinaryIO) -> bool:
    """Whether the file holds anything between, before or after its listed entries."""
    position = 0
    for info in sorted(archive.infolist(), key=lambda entry: entry.header_offset):
        if info.header_offset != position:
            return True
        stream.seek(position)
        header = stream.read(_LOCAL.size)
        if len(header) < _LOCAL.size:
            return True
        flags, name_bytes, extra_bytes = (_LOCAL.unpack(header)[index] for index in (2, 9, 10))
        position += _LOCAL.size + name_bytes + extra_bytes + info.compress_size
        position += _DESCRIPTOR_BYTES if flags & _HAS_DESCRIPTOR else 0
        if info.extra or info.comment or extra_bytes:
            return True
    return position != archive.start_dir
