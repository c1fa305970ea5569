"""Names of files in a package: unpacking can't reach beyond its folder, on any system."""

import io
import zipfile

import pytest

from rightsdesk.domain.datamap import DataMap
from rightsdesk.export.entry_names import EntryNameError, EntryNames, is_regular_file, name_problem
from rightsdesk.export.layout import file_stems
from tests.unit.export.package_of_a_shop import build, datamap


@pytest.mark.parametrize(
    "name",
    [
        "", "../../etc/x", "a/../b", "..", ".", "./a", "/etc/passwd", "//host/a", "a\\b", "..\\x", "C:\\x", "c:x", "a/",
        "a//b", "con", "data/NUL.json", "aux.txt", "com1", "LPT9.csv", "conin$", "a.", "a ", "a /b", ".hidden", "-rf",
        "a\nb", "a\x00b", "データ.json", "a\u202egnp.exe", "x" * 121, "a:b", "a*b", "a?b", "<a>", "a|b",
    ],
)  # fmt: skip
def test_a86_a_name_outside_the_allow_list_is_refused(name: str) -> None:
    assert name_problem(name) is not None
    with pytest.raises(EntryNameError):
        EntryNames().claim(name)


@pytest.mark.parametrize(
    "name", ["index.ja.html", "RD-7K3M/data/orders-2.csv", "SHA256SUMS", "console.json", "x" * 120]
)
def test_a86_a_plain_name_is_taken_once(name: str) -> None:
    names = EntryNames()
    assert names.claim(name) == name
    with pytest.raises(EntryNameError, match="already"):
        names.claim(name.upper())


@pytest.mark.parametrize(
    ("mode", "regular"), [(0o100644, True), (0, True), (0o120777, False), (0o040755, False), (0o010644, False)]
)
def test_a86_links_and_devices_are_not_files(mode: int, regular: bool) -> None:
    assert is_regular_file(mode << 16) is regular


def test_a86_a_collection_with_the_name_of_a_device_has_files_of_another() -> None:
    values = datamap().model_dump(by_alias=True)
    collections = values["sources"]["analytics"]["collections"]
    collections["aux"] = collections.pop("site_visits")
    stems = file_stems(DataMap.model_validate(values).collections)
    assert stems["analytics/aux"] == "aux_data"
    assert stems["orders/orders"] == "orders"


def test_a86_every_name_of_a_package_is_good() -> None:
    _, kept = build()
    with zipfile.ZipFile(io.BytesIO(kept[1])) as archive:
        for info in archive.infolist():
            assert name_problem(info.filename) is None
            assert is_regular_file(info.external_attr)
            assert info.flag_bits & 0x800, "the name is flagged as UTF-8"
