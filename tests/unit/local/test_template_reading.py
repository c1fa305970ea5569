"""Reading a template: parameters, files, intrinsic functions, and that nothing is passed over in silence."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from local.account import ACCOUNT, REGION, Clients
from local.intrinsics import Intrinsics
from local.resources import KINDS, WITHOUT_EFFECT
from local.stack import Stack
from local.template import Template, TemplateError, declared_parameters, read_template


def template(
    resources: Mapping[str, Any] | None = None,
    *,
    conditions: Mapping[str, Any] | None = None,
    parameters: Mapping[str, Any] | None = None,
    mappings: Mapping[str, Any] | None = None,
) -> Template:
    return Template(
        resources=resources or {},
        parameters=parameters or {},
        conditions=conditions or {},
        mappings=mappings or {},
        outputs={},
        code={},
    )


def intrinsics(**parts: Any) -> Intrinsics:
    return Intrinsics(
        template(**parts),
        stack_name="house",
        reference=lambda name: f"ref-{name}",
        attribute=lambda name, attribute: f"{name}/{attribute}",
    )


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ({"Ref": "Color"}, "red"),
        ({"Ref": "Table"}, "ref-Table"),
        ({"Ref": "AWS::Region"}, REGION),
        ({"Ref": "AWS::NoValue"}, None),
        ({"a": 1, "b": {"Ref": "AWS::NoValue"}}, {"a": 1}),
        ([1, {"Ref": "AWS::NoValue"}, 2], [1, 2]),
        ({"Fn::GetAtt": ["Table", "Arn"]}, "Table/Arn"),
        ({"Fn::GetAtt": "Table.Stream.Arn"}, "Table/Stream.Arn"),
        ({"Fn::Sub": "${Table.Arn}/${Color}/${!Not}/${AWS::AccountId}"}, f"Table/Arn/red/${{Not}}/{ACCOUNT}"),
        ({"Fn::Sub": ["${a}-${Color}", {"a": {"Ref": "Color"}}]}, "red-red"),
        ({"Fn::Join": [":", ["a", {"Ref": "Color"}]]}, "a:red"),
        ({"Fn::Select": ["1", {"Fn::Split": [",", "x,y"]}]}, "y"),
        ({"Fn::If": ["Red", "yes", "no"]}, "yes"),
        ({"Fn::If": ["Blue", {"Ref": "AWS::NoValue"}, "no"]}, "no"),
        ({"Fn::And": [{"Condition": "Red"}, {"Fn::Not": [{"Condition": "Blue"}]}]}, True),
        ({"Fn::Or": [{"Condition": "Blue"}, {"Fn::Equals": [1, "1"]}]}, True),
        ({"Fn::FindInMap": ["Sizes", "small", "memory"]}, 128),
        ({"Fn::FindInMap": ["Sizes", "giant", "memory", {"DefaultValue": 7}]}, 7),
        ({"Fn::Base64": "a"}, "YQ=="),
        ({"Fn::Length": [1, 2]}, 2),
        ({"Fn::ToJsonString": {"a": {"Ref": "Color"}}}, '{"a": "red"}'),
        ({"Condition": {"StringEquals": {"a": "b"}}}, {"Condition": {"StringEquals": {"a": "b"}}}),
    ],
)
def test_intrinsic_functions(expression: Any, value: Any) -> None:
    found = intrinsics(
        parameters={"Color": "red"},
        conditions={
            "Red": {"Fn::Equals": [{"Ref": "Color"}, "red"]},
            "Blue": {"Fn::Equals": [{"Ref": "Color"}, "blue"]},
        },
        mappings={"Sizes": {"small": {"memory": 128}}},
    ).value(expression)
    assert found == value


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text().filter(lambda name: name not in ("Ref",)), inner),
)


@given(json_values.filter(lambda value: "Fn::" not in repr(value) and "Condition" not in repr(value)))
def test_what_holds_no_function_stays_as_it_is(value: Any) -> None:
    assert intrinsics().value(value) == value


@pytest.mark.parametrize("expression", [{"Fn::ImportValue": "x"}, {"Fn::FindInMap": ["No", "such", "map"]}])
def test_what_is_unknown_raises(expression: Any) -> None:
    with pytest.raises(TemplateError):
        intrinsics().value(expression)


def deploy(resources: Mapping[str, Any], **parts: Any) -> Stack:
    """Without AWS: only types that make nothing there."""
    stack = Stack(template(resources, **parts), name="house", clients=Clients())
    stack.deploy()
    return stack


@pytest.mark.parametrize(
    ("resources", "message"),
    [
        ({"A": {"Type": "AWS::Quantum::Computer"}}, "AWS::Quantum::Computer is not known here"),
        ({"A": {"Type": "AWS::KMS::Alias", "Properties": {"Aura": 1}}}, "nothing is done here with Aura"),
        ({"A": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "No"}}}}, "no resource or parameter"),
        ({"A": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Fn::GetAtt": ["B", "Shoe"]}}},
          "B": {"Type": "AWS::IAM::Policy"}}, "has no attribute Shoe"),
        ({"A": {"Type": "AWS::IAM::Policy", "DependsOn": "B"}, "B": {"Type": "AWS::IAM::Policy", "DependsOn": ["A"]}},
         "A -> B -> A"),
        ({"A": {"Type": "AWS::IAM::Policy", "Properties": {"X": {"Ref": "B"}}},
          "B": {"Type": "AWS::IAM::Policy", "Condition": "Never"}}, "its condition Never does not hold"),
    ],
)  # fmt: skip
def test_nothing_is_passed_over_in_silence(resources: Mapping[str, Any], message: str) -> None:
    with pytest.raises(TemplateError, match=message):
        deploy(resources, conditions={"Never": {"Fn::Equals": [1, 2]}})


def test_a_resource_without_its_condition_is_left_out() -> None:
    stack = deploy({"A": {"Type": "AWS::Quantum::Computer", "Condition": "Never"}}, conditions={"Never": False})
    assert stack.refs("AWS::Quantum::Computer") == {}


def test_every_type_is_either_made_or_named_with_a_reason() -> None:
    assert not set(KINDS) & set(WITHOUT_EFFECT)
    assert all(reason for reason in WITHOUT_EFFECT.values())
    for kind in KINDS.values():
        assert not kind.reads & set(kind.without_effect)
        assert all(kind.without_effect.values())


SAM = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  Size: {Type: Number, Default: 3, AllowedValues: [3, 4]}
  Names: {Type: CommaDelimitedList, Default: "a, b"}
  Name: {Type: String, AllowedPattern: "[a-z]+"}
Resources:
  Work:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.13, Handler: app.f, CodeUri: code}
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties: {DefinitionUri: machine.json, Role: "arn:aws:iam::1:role/r"}
"""


@pytest.fixture
def sam(tmp_path: Path) -> Path:
    (tmp_path / "code").mkdir()
    (tmp_path / "machine.json").write_text('{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}')
    (tmp_path / "template.yaml").write_text(SAM)
    return tmp_path / "template.yaml"


def test_a_sam_template_becomes_cloudformation_with_its_files(sam: Path) -> None:
    read = read_template(sam, {"Name": "abc"})
    assert read.code == {"Work": sam.parent.resolve() / "code"}
    assert read.parameters == {"Size": "3", "Names": ["a", "b"], "Name": "abc"}
    assert read.resources["Work"]["Type"] == "AWS::Lambda::Function"
    assert '"StartAt": "A"' in str(read.resources["Machine"]["Properties"]["DefinitionString"])
    assert declared_parameters(sam) == {"Size": False, "Names": False, "Name": True}


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({}, "Name has no default"),
        ({"Name": "ABC"}, "does not match"),
        ({"Name": "abc", "Size": "5"}, "is not one of 3, 4"),
        ({"Name": "abc", "Nome": "x"}, "no parameter Nome"),
    ],
)
def test_parameters_are_checked(sam: Path, overrides: dict[str, str], message: str) -> None:
    with pytest.raises(TemplateError, match=message):
        read_template(sam, overrides)


@pytest.mark.parametrize(("path", "value"), [("CodeUri", "nowhere"), ("CodeUri", {"Bucket": "b", "Key": "k"})])
def test_code_must_be_there(sam: Path, path: str, value: Any) -> None:
    document = yaml.safe_load(SAM)
    document["Resources"]["Work"]["Properties"][path] = value
    sam.write_text(yaml.safe_dump(document))
    with pytest.raises(TemplateError, match="Work: there is no folder"):
        read_template(sam, {"Name": "abc"})


def test_a_definition_must_be_there(sam: Path) -> None:
    (sam.parent / "machine.json").unlink()
    with pytest.raises(TemplateError, match=r"Machine: there is no file 'machine.json'"):
        read_template(sam, {"Name": "abc"})
