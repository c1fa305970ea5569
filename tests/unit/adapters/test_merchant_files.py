"""A wrong file of a merchant is refused with the file, the line and the field at fault."""

import re
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from rightsdesk.adapters.merchant_files import (
    environment_variable,
    read_data_map,
    read_merchant_file,
    recipients,
    resource_names,
)
from rightsdesk.domain.errors import MerchantFileError

SHIPPED = Path(__file__).parents[3] / "layers" / "merchant" / "datamap.yaml"
REGISTER = SHIPPED.with_name("recipients.yaml")
RESOURCES = {"SOURCE_MEMBERS_TABLE": "m", "SOURCE_ORDERS_TABLE": "o", "SOURCE_SHOP_BUCKET": "b"}


class Shop(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    open: bool = True
    desks: list[dict[str, int]] = []


def refused(tmp_path: Path, text: str) -> str:
    path = tmp_path / "shop.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(MerchantFileError) as caught:
        read_merchant_file(path, Shop, resources={"SOURCE_MY_TABLE": "t"})
    return str(caught.value)


def line_of(text: str) -> int:
    return SHIPPED.read_text("utf-8").split(text)[0].count("\n") + 1


def test_the_shipped_map_is_right_and_its_resources_are_resolved() -> None:
    read = read_data_map(SHIPPED, resources=RESOURCES)
    assert {getattr(one, "table", None) or one.bucket for one in read.collections} == {"m", "o", "b"}  # type: ignore[attr-defined]


def test_the_resources_that_a_file_names_are_parameters_of_the_template() -> None:
    assert resource_names(SHIPPED) == ("MembersTable", "OrdersTable", "ShopBucket")


@pytest.mark.parametrize(
    ("resource", "variable"),
    [("MembersTable", "SOURCE_MEMBERS_TABLE"), ("S3Bucket", "SOURCE_S3_BUCKET"), ("CRMTable2", "SOURCE_CRM_TABLE2")],
)
def test_the_variable_of_a_resource(resource: str, variable: str) -> None:
    assert environment_variable(resource) == variable


def test_a_missing_resource_is_named() -> None:
    with pytest.raises(MerchantFileError) as caught:
        read_data_map(SHIPPED, resources=RESOURCES | {"SOURCE_SHOP_BUCKET": ""})
    first = str(caught.value).splitlines()[0]
    assert "${ShopBucket} needs SOURCE_SHOP_BUCKET" in first
    assert first.startswith(f"datamap.yaml:{line_of('        bucket: ${ShopBucket}')}:")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: a\nopen: perhaps\n", "shop.yaml:2: open: Input should be a valid boolean"),
        ("open: true\n", "shop.yaml:1: name: Field required"),
        ("name: a\ndesks:\n  - one: 1\n  - two: x\n", "shop.yaml:4: desks.1.two: "),
        ("name: a\nname: b\n", "shop.yaml:2: name: stands here twice, first in line 1"),
        ("name: a\ndesks:\n- {one: 1, one: 2}\n", "shop.yaml:3: desks.0.one: stands here twice"),
        ("name: [a\n", "shop.yaml:2: not YAML"),
        ("name: a\ncolour: red\n", "shop.yaml:2: colour: Extra inputs are not permitted"),
        ("name: !!python/object:os.system x\n", "shop.yaml:1: could not determine a constructor"),
        ("name: ${YourTable}\n", "shop.yaml:1: ${YourTable} needs SOURCE_YOUR_TABLE"),
        ("", "shop.yaml:1: the file is empty"),
        ("- a\n", "shop.yaml:1: "),
    ],
)
def test_the_place_of_a_mistake(tmp_path: Path, text: str, message: str) -> None:
    assert refused(tmp_path, text).startswith(message)


def test_a_file_that_is_missing_or_not_utf8(tmp_path: Path) -> None:
    with pytest.raises(MerchantFileError, match=r"shop\.yaml: can't be read"):
        read_merchant_file(tmp_path / "shop.yaml", Shop)
    (tmp_path / "shop.yaml").write_bytes(b"name: \xff\n")
    with pytest.raises(MerchantFileError, match="not UTF-8"):
        read_merchant_file(tmp_path / "shop.yaml", Shop)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("role: postcode", "role: postbox", "sources.orders.collections.orders.fields.ship_postcode.role"),
        ("retention: log_in, origin", "retention: log_out, origin", "unknown retention log_out"),
        ("format: parquet", "format: parket", "sources.analytics.collections.site_visits.format"),
        ("prefix: surveys/", "prefix: surveys/\n        colour: red", "sources.files.collections.surveys.colour"),
        ("    kind: s3\n    label: {en: Web", "    kind: ftp\n    label: {en: Web", "sources.analytics"),
    ],
)
def test_mistakes_in_the_map_are_found_at_their_line(tmp_path: Path, before: str, after: str, message: str) -> None:
    text = SHIPPED.read_text("utf-8")
    assert text.count(before) == 1
    copyfile(REGISTER, tmp_path / REGISTER.name)
    (tmp_path / "datamap.yaml").write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(MerchantFileError) as caught:
        read_data_map(tmp_path / "datamap.yaml")
    assert message in str(caught.value)
    named = int(re.match(r"datamap\.yaml:(\d+):", str(caught.value))[1])  # type: ignore[index]
    assert abs(named - line_of(before)) <= 3, "fields are written over up to three lines"


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("role: fraud_prevention", "role: friend", "payment_gateway.role: Input should be"),
        ("kind: mail, address: kojin-joho@tsubame-express.example", "kind: fax, number: 1", "carrier.connector: "),
        ("kojin-joho@tsubame-express.example", "nobody", "carrier.connector.address: "),
        ("knows: [email]", "knows: [shoe_size]", "mail_service.knows: unknown identifier shoe_size"),
        ("reviewed_on: 2026-09-08", "reviewed_on: last year", "carrier.reviewed_on: "),
        ("carrier:", "carrier_pigeon:", "unknown recipient carrier"),
    ],
)
def test_mistakes_in_the_register_are_found_in_its_own_file(
    tmp_path: Path, before: str, after: str, message: str
) -> None:
    text = REGISTER.read_text("utf-8")
    assert text.count(before) == 1
    copyfile(SHIPPED, tmp_path / SHIPPED.name)
    (tmp_path / REGISTER.name).write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(MerchantFileError) as caught:
        read_data_map(tmp_path / SHIPPED.name)
    assert message in str(caught.value)
    file, line, _ = str(caught.value).split(":", 2)
    if file == REGISTER.name:
        assert abs(int(line) - (text.split(before)[0].count("\n") + 1)) <= 1
    else:
        assert message.startswith("unknown recipient"), "a field names whom the register does not know"


def test_recipients_stand_in_one_place(tmp_path: Path) -> None:
    copyfile(REGISTER, tmp_path / REGISTER.name)
    (tmp_path / SHIPPED.name).write_text(f"recipients: {{}}\n{SHIPPED.read_text('utf-8')}", encoding="utf-8")
    with pytest.raises(MerchantFileError, match=r"datamap\.yaml:1: recipients: they stand in recipients\.yaml"):
        read_data_map(tmp_path / SHIPPED.name)


@pytest.mark.parametrize("text", ["- a\n", "a word\n", "!!set {sources, version}\n"])
def test_a_map_that_is_no_mapping_is_told_so_with_and_without_a_register(tmp_path: Path, text: str) -> None:
    (tmp_path / SHIPPED.name).write_text(text, encoding="utf-8")
    told = []
    for has_register in (False, True):
        if has_register:
            copyfile(REGISTER, tmp_path / REGISTER.name)
        with pytest.raises(MerchantFileError) as caught:
            read_data_map(tmp_path / SHIPPED.name)
        told.append(str(caught.value))
    assert told[0].startswith("datamap.yaml:1: Input should be ")
    assert told[1] == told[0]


def test_the_shipped_register_is_read_by_itself_and_with_the_map(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MERCHANT_PATH", str(SHIPPED.parent))
    recipients.cache_clear()
    alone = recipients()
    recipients.cache_clear()
    assert alone == read_data_map(SHIPPED).recipients


def test_a_merchant_who_gives_data_to_nobody_needs_no_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MERCHANT_PATH", str(tmp_path))
    recipients.cache_clear()
    assert recipients() == {}
    recipients.cache_clear()


@given(st.text(max_size=60) | st.text("[]{}:-,? \n'&*ab\"", max_size=30))
@settings(deadline=None)  # the machine may be busy
def test_any_text_is_a_shop_or_a_mistake_in_this_file(text: str) -> None:
    with TemporaryDirectory() as directory:
        path = Path(directory) / "any.yaml"
        path.write_bytes(text.encode("utf-8", "replace"))
        try:
            read_merchant_file(path, Shop, resources={})
        except MerchantFileError as error:
            message = str(error)
        else:
            message = "any.yaml:"
    assert message.startswith("any.yaml:")
