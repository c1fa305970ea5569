"""Functions, layers, what calls them, and state machines."""

import json
import re
from typing import Any

from local.account import REGION, arn
from local.deployment import AsyncPolicy, EventSource, Function
from local.resources.kind import (
    FOR_PEOPLE,
    NO_BILL,
    NO_CONTAINER,
    NO_RIGHTS,
    NO_TRACE,
    Kind,
    Made,
    Properties,
    Site,
    kind,
    only,
)
from local.template import TemplateError

AT_ONCE = "what arrives is delivered at once here"


def _layer(site: Site, name: str, properties: Properties) -> Made:
    layer = arn("lambda", f"layer:{name}:1")
    site.deployment.layers[layer] = site.code[properties["Content"]["S3Key"]]
    return Made(layer, {"LayerVersionArn": layer})


def _function(site: Site, name: str, properties: Properties) -> Made:
    given = site.physical_name(name, properties.get("FunctionName"))
    only(properties.get("Environment", {}), "Variables", of=f"{name}: Environment")
    variables = {key: _text(value) for key, value in properties.get("Environment", {}).get("Variables", {}).items()}
    timeout, memory = int(properties.get("Timeout", 3)), int(properties.get("MemorySize", 128))
    made: str = site.clients("lambda").create_function(
        FunctionName=given,
        Runtime=properties["Runtime"],
        Handler=properties["Handler"],
        Role=properties["Role"],
        Code={"ZipFile": b"the code stays in its folder"},
        Timeout=timeout,
        MemorySize=memory,
        Environment={"Variables": variables},
    )["FunctionArn"]
    site.deployment.functions[given] = Function(
        logical_id=name,
        name=given,
        arn=made,
        handler=properties["Handler"],
        folder=site.code[properties["Code"]["S3Key"]],
        layers=tuple(site.deployment.layers[layer] for layer in properties.get("Layers", [])),
        environment=variables,
        timeout=timeout,
        memory=memory,
        dead_letter=properties.get("DeadLetterConfig", {}).get("TargetArn"),
    )
    return Made(given, {"Arn": made})


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)


def _alias(site: Site, name: str, properties: Properties) -> Made:
    function = site.deployment.function(properties["FunctionName"])
    return Made(function.arn, {"AliasArn": function.arn})


def _invoke_config(site: Site, name: str, properties: Properties) -> Made:
    function = site.deployment.function(properties["FunctionName"])
    destinations = only(properties.get("DestinationConfig", {}), "OnSuccess OnFailure", of=name)
    site.deployment.policies[function.name] = AsyncPolicy(
        retries=int(properties.get("MaximumRetryAttempts", 2)),
        on_success=destinations.get("OnSuccess", {}).get("Destination"),
        on_failure=destinations.get("OnFailure", {}).get("Destination"),
    )
    return Made(name)


def _event_source(site: Site, name: str, properties: Properties) -> Made:
    source = properties["EventSourceArn"]
    stream = ":dynamodb:" in source
    if not stream and ":sqs:" not in source:
        raise TemplateError(f"{name}: only queues and table streams are read here, not {source}")
    if stream and properties.get("StartingPosition") not in ("TRIM_HORIZON", "LATEST"):
        raise TemplateError(f"{name}: a stream is read from TRIM_HORIZON or LATEST")
    filters = only(properties.get("FilterCriteria", {}), "Filters", of=name).get("Filters", [])
    enabled = _text(properties.get("Enabled", True)).lower() == "true"
    if enabled:
        site.deployment.sources.append(
            EventSource(
                name=name,
                source=source,
                function=properties["FunctionName"],
                batch_size=int(properties.get("BatchSize", 100 if stream else 10)),
                filters=tuple(json.loads(entry["Pattern"]) for entry in filters),
                partial_failures="ReportBatchItemFailures" in properties.get("FunctionResponseTypes", []),
                retries=int(properties.get("MaximumRetryAttempts", -1)),
                bisect=_text(properties.get("BisectBatchOnFunctionError", False)).lower() == "true",
                on_failure=properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination"),
            )
        )
    return Made(name, {"Id": name})


def _state_machine(site: Site, name: str, properties: Properties) -> Made:
    given = site.physical_name(name, properties.get("StateMachineName"), limit=80)
    definition = properties.get("DefinitionString") or json.dumps(properties["Definition"])
    for key, value in properties.get("DefinitionSubstitutions", {}).items():
        definition = definition.replace("${" + key + "}", _text(value))
    left = re.findall(r"\$\{(\w+)\}", definition)
    if left:
        raise TemplateError(f"{name}: DefinitionSubstitutions lack {', '.join(sorted(set(left)))}")
    request: dict[str, Any] = {}
    if "LoggingConfiguration" in properties:
        request["loggingConfiguration"] = _lower_first(properties["LoggingConfiguration"])
    made: str = site.clients("stepfunctions").create_state_machine(
        name=given,
        definition=_played_inline(definition),
        roleArn=properties["RoleArn"],
        type=properties.get("StateMachineType", "STANDARD"),
        **request,
    )["stateMachineArn"]
    return Made(made, {"Arn": made, "Name": given})


def _played_inline(definition: str) -> str:
    """A distributed Map as an inline one, with the same states for each item: here an item that fails in a distributed
    Map would be passed over, and time could not be moved past its retries."""

    def inline(state: dict[str, Any]) -> dict[str, Any]:
        return {"Mode": "INLINE"} if state.get("Mode") == "DISTRIBUTED" else state

    return json.dumps(json.loads(definition, object_hook=inline))


def _lower_first(value: Any) -> Any:
    """The API of Step Functions spells the template's names with a small first letter."""
    if isinstance(value, dict):
        return {key[0].lower() + key[1:]: _lower_first(item) for key, item in value.items()}
    return [_lower_first(item) for item in value] if isinstance(value, list) else value


KINDS: dict[str, Kind] = {
    "AWS::Lambda::LayerVersion": kind(
        _layer,
        "Content LayerName",
        Description=FOR_PEOPLE,
        CompatibleRuntimes=NO_CONTAINER,
        CompatibleArchitectures=NO_CONTAINER,
        LicenseInfo=FOR_PEOPLE,
    ),
    "AWS::Lambda::Function": kind(
        _function,
        "FunctionName Runtime Handler Role Code Timeout MemorySize Environment Layers DeadLetterConfig",
        Architectures=NO_CONTAINER,
        Description=FOR_PEOPLE,
        EphemeralStorage=NO_CONTAINER,
        KmsKeyArn="the environment of a function is not stored here",
        LoggingConfig="logs go to a file per function, as they are written",
        PackageType=NO_CONTAINER,
        RecursiveLoop=NO_CONTAINER,
        ReservedConcurrentExecutions=f"{REGION} has one user here",
        Tags=NO_BILL,
        TracingConfig=NO_TRACE,
    ),
    "AWS::Lambda::Alias": kind(_alias, "FunctionName FunctionVersion Name", Description=FOR_PEOPLE),
    "AWS::Lambda::EventInvokeConfig": kind(
        _invoke_config,
        "FunctionName Qualifier MaximumRetryAttempts DestinationConfig",
        MaximumEventAgeInSeconds="retries follow at once here",
    ),
    "AWS::Lambda::EventSourceMapping": kind(
        _event_source,
        "FunctionName EventSourceArn StartingPosition BatchSize FilterCriteria FunctionResponseTypes "
        "MaximumRetryAttempts BisectBatchOnFunctionError DestinationConfig Enabled",
        MaximumBatchingWindowInSeconds=AT_ONCE,
        MaximumRecordAgeInSeconds=AT_ONCE,
        ParallelizationFactor=AT_ONCE,
        ScalingConfig=AT_ONCE,
        KmsKeyArn="filters are not stored here",
        Tags=NO_BILL,
    ),
    "AWS::StepFunctions::StateMachine": kind(
        _state_machine,
        "StateMachineName StateMachineType Definition DefinitionString DefinitionSubstitutions RoleArn "
        "LoggingConfiguration",
        EncryptionConfiguration=NO_RIGHTS,
        TracingConfiguration=NO_TRACE,
        Tags=NO_BILL,
    ),
}
