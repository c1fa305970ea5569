"""`rightsdesk datamap`: what is wrong with its line, pictures that hold every collection, the published schema."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from shutil import copyfile

import jsonschema
import pytest
import yaml

from local.commands.datamap import run, schema
from rightsdesk.domain import datamap, fields, recipients

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "layers" / "merchant" / "datamap.yaml"
COLLECTIONS = [
    name for source in yaml.safe_load(SHIPPED.read_text("utf-8"))["sources"].values() for name in source["collections"]
]


def test_the_shipped_map_is_right(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check"]) == 0
    assert "datamap.yaml is right" in capsys.readouterr().out
    assert run(["check", str(SHIPPED.parent), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["collections"] == len(COLLECTIONS)
    assert document["waves"] == [["shop"], ["orders", "files", "analytics"]]
    assert document["resources"] == ["MembersTable", "OrdersTable", "ShopBucket"]


def test_a_wrong_map_fails_with_its_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = SHIPPED.read_text("utf-8").replace("purposes: [surveys]", "purposes: [sports]")
    (tmp_path / "datamap.yaml").write_text(wrong, encoding="utf-8")
    copyfile(SHIPPED.with_name("recipients.yaml"), tmp_path / "recipients.yaml")
    assert run(["check", str(tmp_path)]) == 1
    told = capsys.readouterr().out.splitlines()
    assert len(told) == 5
    assert all(line.startswith("datamap.yaml:") and line.endswith("unknown purpose sports") for line in told)
    assert run(["check", str(tmp_path), "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == {"right": False, "problems": told}
    assert run(["show", str(tmp_path)]) == 1


def test_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(tmp_path)]) == 1
    assert "can't be read" in capsys.readouterr().out


@pytest.mark.parametrize("language", ["en", "ja"])
def test_mermaid_names_every_collection(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["show", "--language", language]) == 0
    picture = capsys.readouterr().out
    assert picture.startswith("flowchart LR\n")
    assert all(f"_{name}[" in picture for name in COLLECTIONS)
    label = {"en": "Member number", "ja": "会員番号"}[language]
    assert f'shop_members -- "{label}" --> shop_addresses' in picture


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_svg_is_well_formed_and_has_a_row_for_every_collection(
    language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["show", "--format", "svg", "--language", language]) == 0
    root = ET.fromstring(capsys.readouterr().out)  # noqa: S314 - our own picture
    rows = [shape for shape in root.iter() if shape.get("class") == "row"]
    assert len(rows) == len(COLLECTIONS)
    assert root.get("role") == "img"
    assert root.get("aria-label")


def test_the_published_schema_is_the_model_s() -> None:
    published = (ROOT / "docs" / "datamap.schema.json").read_text("utf-8")
    assert published == schema(), "run: rightsdesk datamap schema > docs/datamap.schema.json"


def test_the_shipped_map_keeps_the_published_schema() -> None:
    document = json.loads(schema())
    jsonschema.Draft202012Validator.check_schema(document)
    jsonschema.Draft202012Validator(document).validate(yaml.safe_load(SHIPPED.read_text("utf-8")))


def test_the_schema_finds_what_the_model_finds() -> None:
    wrong = yaml.safe_load(SHIPPED.read_text("utf-8"))
    wrong["sources"]["shop"]["collections"]["members"]["fields"]["email"]["basis"] = "because"
    validator = jsonschema.Draft202012Validator(json.loads(schema()))
    assert not validator.is_valid(wrong)


@pytest.mark.parametrize(
    "model",
    [
        datamap.DataMap,
        datamap.TableCollection,
        datamap.FileCollection,
        datamap.WayIn,
        datamap.Match,
        fields.DataField,
        fields.Identifier,
        fields.Purpose,
        fields.Retention,
    ],
)
def test_the_page_explains_every_key(model: type[fields.Entry]) -> None:
    assert unexplained(model, page="datamap.md") == []


@pytest.mark.parametrize(
    "model",
    [
        recipients.Recipient,
        recipients.Contract,
        recipients.HttpConnector,
        recipients.MailConnector,
        recipients.ManualConnector,
    ],
)
def test_the_page_on_recipients_explains_every_key(model: type[fields.Entry]) -> None:
    assert unexplained(model, page="recipients.md") == []


def unexplained(model: type[fields.Entry], *, page: str) -> list[str]:
    text = (ROOT / "docs" / page).read_text("utf-8")
    keys = [field.alias or name for name, field in model.model_fields.items()]
    known = {"label", "sources", "value"}  # explained in words
    return [key for key in keys if key not in known and f"`{key}" not in text]


def test_the_words_of_consents_beside_the_map_are_checked_with_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("datamap.yaml", "recipients.yaml", "policy.yaml"):
        (tmp_path / name).write_text((ROOT / "layers/merchant" / name).read_text("utf-8"), "utf-8")
    words = (ROOT / "layers/merchant/consents.yaml").read_text("utf-8")
    (tmp_path / "consents.yaml").write_text(words.replace("surveys:", "dancing:"), "utf-8")
    assert run(["check", str(tmp_path)]) == 1
    said = capsys.readouterr().out
    assert "consents.yaml: dancing: is no purpose of the data map" in said
    assert "consents.yaml: surveys: needs a consent, and has no text" in said
    (tmp_path / "consents.yaml").write_text(words, "utf-8")
    assert run(["check", str(tmp_path)]) == 0
