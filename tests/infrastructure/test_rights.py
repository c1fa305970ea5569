"""Least privilege, asserted: what the roles may do, and above all what none of them may."""

import pytest

from tests.infrastructure.deployed_template import Deployed, actions_of, deploy, deploy_every_function, resources_of

ROLES = sorted(deploy_every_function().of_type("AWS::IAM::Role"))
FUNCTIONS = sorted(deploy_every_function().functions)

# What SAM puts on every function: writing logs. The names of the groups are ours, the policy is AWS's.
WRITES_LOGS = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
MANAGED = {"ApiLogRole": ["arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"]}

# The log delivery of Step Functions has no resources that could be named.
WITHOUT_RESOURCES = {"DeliverLogs"}


@pytest.fixture(scope="module")
def deployed() -> Deployed:
    return deploy_every_function()


def holders(deployed: Deployed, action: str) -> set[str]:
    """The functions that may do `action` on anything."""
    return {
        name
        for name in deployed.functions
        for statement in deployed.statements_of(deployed.role_of(name))
        if action in actions_of(statement)
    }


@pytest.mark.parametrize("name", ROLES)
def test_a101_role_names_actions_and_resources(deployed: Deployed, name: str) -> None:
    for statement in deployed.statements_of(deployed.one(name)):
        assert statement["Effect"] == "Allow"
        assert not [action for action in actions_of(statement) if "*" in action], statement
        if statement.get("Sid") not in WITHOUT_RESOURCES:
            for resource in resources_of(statement):
                assert resource != "*", statement
                # A wildcard stands for objects, indexes or executions of one named thing, never for the thing itself.
                assert "*" not in resource.removesuffix("/*").removesuffix(":*"), statement


@pytest.mark.parametrize("name", FUNCTIONS)
def test_statements_have_names_and_say_nothing_twice(deployed: Deployed, name: str) -> None:
    statements = [s for s in deployed.statements_of(deployed.role_of(name)) if actions_of(s) != ["sqs:SendMessage"]]
    sids = [statement["Sid"] for statement in statements]
    assert len(sids) == len(set(sids))
    granted = [(a, r) for statement in statements for a in actions_of(statement) for r in resources_of(statement)]
    assert len(granted) == len(set(granted))


@pytest.mark.parametrize("name", ROLES)
def test_role_has_no_policy_of_aws_but_the_one_for_logs(deployed: Deployed, name: str) -> None:
    of_a_function = name.removesuffix("Role") in FUNCTIONS
    expected = MANAGED.get(name, [WRITES_LOGS] if of_a_function else [])
    assert deployed.one(name).get("ManagedPolicyArns", []) == expected


@pytest.mark.parametrize("name", FUNCTIONS)
def test_role_is_for_lambda_alone(deployed: Deployed, name: str) -> None:
    (trust,) = deployed.role_of(name)["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": ["lambda.amazonaws.com"]}


def test_a14_what_destroys_is_in_few_hands(deployed: Deployed) -> None:
    erasers = {"EraseDataFunction", "EndRetentionFunction"}
    assert holders(deployed, "s3:DeleteObjectVersion") == {"CloseRequestFunction", *erasers}
    stoppers = {"PublicSiteFunction", "PublicApiFunction", "OpendsrFunction", "SweepDeadlinesFunction"}
    assert holders(deployed, "states:StopExecution") == stoppers
    for action in ("dynamodb:DeleteTable", "dynamodb:BatchWriteItem", "s3:DeleteBucket", "kms:ScheduleKeyDeletion"):
        assert not holders(deployed, action)


def test_nobody_scans_a_table(deployed: Deployed) -> None:
    assert holders(deployed, "dynamodb:Scan") == {"RunCampaignsFunction"}, "the members, page by page"


def test_a95_evidence_is_written_by_one_and_altered_by_none(deployed: Deployed) -> None:
    for name in FUNCTIONS:
        touching = [
            action
            for statement in deployed.statements_of(deployed.role_of(name))
            for resource in resources_of(statement)
            for action in actions_of(statement)
            if "EvidenceBucket" in resource
        ]
        assert touching == (["s3:PutObject"] if name == "ArchiveAuditFunction" else []), name
    for action in ("s3:BypassGovernanceRetention", "s3:PutObjectRetention", "s3:PutObjectLegalHold"):
        assert not holders(deployed, action)


def test_b5_evidence_is_signed_by_two_and_by_its_digest_alone(deployed: Deployed) -> None:
    on_key = {
        (name, action, statement["Condition"]["StringEquals"]["kms:MessageType"] if "Condition" in statement else None)
        for name in FUNCTIONS
        for statement in deployed.statements_of(deployed.role_of(name))
        for action in actions_of(statement)
        if "EvidenceSigningKey.Arn" in resources_of(statement)
    }
    signers = ("StaffApiFunction", "TransferPackageFunction")
    assert on_key == {
        (name, action, wanted)
        for name in signers
        for action, wanted in (("kms:Sign", "DIGEST"), ("kms:GetPublicKey", None))
    }


def test_what_goes_to_another_controller_is_read_by_who_sends_it_and_nothing_else(deployed: Deployed) -> None:
    statements = deployed.statements_of(deployed.role_of("TransferPackageFunction"))
    on_buckets = {
        (action, resource)
        for statement in statements
        for action in actions_of(statement)
        for resource in resources_of(statement)
        if action.startswith("s3:")
    }
    assert on_buckets == {(f"s3:{verb}Object", "ExportBucket.Arn/exports/*") for verb in ("Get", "Put")}


def test_what_is_said_over_opendsr_is_signed_by_two_and_by_its_digest_alone() -> None:
    deployed = deploy(UseOpenDsr="true")
    on_key = {
        (name, action, statement["Condition"]["StringEquals"]["kms:MessageType"])
        for name in FUNCTIONS
        for statement in deployed.statements_of(deployed.role_of(name))
        for action in actions_of(statement)
        if "OpenDsrSigningKey.Arn" in resources_of(statement)
    }
    assert on_key == {(name, "kms:Sign", "DIGEST") for name in ("OpendsrFunction", "CallBackFunction")}
    for name in ("OpendsrFunction", "CallBackFunction"):
        variables = deployed.functions[name]["Environment"]["Variables"]
        assert variables["OPENDSR_KEY_ARN"] == "OpenDsrSigningKey.Arn"
    assert "OpendsrFunction" not in holders(deploy(), "kms:Sign")
    assert "CallBackFunction" not in deploy().functions


def test_what_recipients_want_to_be_shown_is_read_by_who_tells_them_alone() -> None:
    arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:recipients"
    reading = {
        name
        for deployed in (deploy(RecipientCredentialsArn=arn), deploy())
        for name in deployed.functions
        for statement in deployed.statements_of(deployed.role_of(name))
        if "secretsmanager:GetSecretValue" in actions_of(statement) and resources_of(statement) == [arn]
    }
    assert reading == {"TellRecipientsFunction", "CheckDeadlineFunction", "StaffApiFunction"}


READERS = {
    *("RequestDecisionFunction", "CollectDataFunction", "CollectColumnarFunction"),
    *("PlanErasureFunction", "SearchAgainFunction"),
    "TellRecipientsFunction",  # by which numbers a recipient knows a person
}
READ = {"dynamodb:BatchGetItem", "dynamodb:DescribeTable", "dynamodb:Query", "s3:GetObject", "s3:ListBucket"}


def test_the_merchants_data_are_written_by_what_erases_or_corrects_and_by_nothing_else(deployed: Deployed) -> None:
    allowed: dict[str, set[str]] = {name: set() for name in FUNCTIONS}
    for name in FUNCTIONS:
        for statement in deployed.statements_of(deployed.role_of(name)):
            if any("shop-" in resource for resource in resources_of(statement)):
                allowed[name] |= set(actions_of(statement))
    assert {name for name, actions in allowed.items() if actions and actions <= READ} == READERS
    # Who asks all members for a consent reads their keys page by page, and nothing else goes through a table.
    scans = {name: actions for name, actions in allowed.items() if "dynamodb:Scan" in actions}
    assert scans == {"RunCampaignsFunction": {"dynamodb:Scan"}}
    writers = {name for name, actions in allowed.items() if actions - READ - {"dynamodb:Scan"}}
    assert writers == {"EraseDataFunction", "EndRetentionFunction", "CorrectDataFunction"}
    # No item is ever put: what stays of it is never written again, so nothing of it can get lost or change its type.
    assert all("dynamodb:PutItem" not in allowed[name] for name in writers)
    assert not {action for action in allowed["CorrectDataFunction"] if "Delete" in action}


def test_a36_a_public_door_reads_finished_packages_and_lists_nothing(deployed: Deployed) -> None:
    for name in ("PublicSiteFunction", "PublicApiFunction"):
        on_bucket = [
            (action, resource)
            for statement in deployed.statements_of(deployed.role_of(name))
            for action in actions_of(statement)
            for resource in resources_of(statement)
            if action.startswith("s3:")
        ]
        assert on_bucket == [("s3:GetObject", "ExportBucket.Arn/exports/*")]


def test_a96_the_door_of_the_staff_reads_and_purges_mail_and_lists_no_packages(deployed: Deployed) -> None:
    on_buckets = [
        (action, resource)
        for statement in deployed.statements_of(deployed.role_of("StaffApiFunction"))
        for action in actions_of(statement)
        for resource in resources_of(statement)
        if action.startswith("s3:")
    ]
    mail = [f"MailBucket.Arn/{prefix}/*" for prefix in ("inbound", "messages", "quarantine")]
    assert set(on_buckets) == {
        *(("s3:GetObject", f"ExportBucket.Arn/{prefix}/*") for prefix in ("exports", "work")),
        *((action, resource) for action in ("s3:GetObject", "s3:DeleteObject") for resource in mail),
        ("s3:PutObject", "MailBucket.Arn/messages/*"),
        ("s3:ListBucket", "MailBucket.Arn"),  # else what was purged is "forbidden", and not "gone"
    }


def test_mail_is_read_by_two_and_the_raw_mail_is_altered_by_none(deployed: Deployed) -> None:
    """A third sees which raw mails there are, and can tell of them again."""
    on_mail = {
        (name, action, resource.removeprefix("MailBucket.Arn"))
        for name in FUNCTIONS
        for statement in deployed.statements_of(deployed.role_of(name))
        for action in actions_of(statement)
        for resource in resources_of(statement)
        if "MailBucket" in resource
    }
    assert {name for name, _, _ in on_mail} == {"EmailIntakeFunction", "StaffApiFunction", "SweepDeadlinesFunction"}
    assert {entry[1:] for entry in on_mail if entry[0] == "SweepDeadlinesFunction"} == {("s3:ListBucket", "")}
    sweeping = deployed.statements_of(deployed.role_of("SweepDeadlinesFunction"))
    (listing,) = [statement for statement in sweeping if statement.get("Sid") == "ListRawMail"]
    assert listing["Condition"] == {"StringEquals": {"s3:prefix": "inbound/"}}
    assert {entry[1:] for entry in on_mail if entry[0] == "EmailIntakeFunction"} == {
        ("s3:ListBucket", ""),
        ("s3:GetObject", "/inbound/*"),
        *((action, f"/{kept}/*") for action in ("s3:GetObject", "s3:PutObject") for kept in ("messages", "quarantine")),
    }
    assert holders(deployed, "sqs:ReceiveMessage") == {"EmailIntakeFunction"}
    fill_the_queue = [
        name
        for name in FUNCTIONS
        for statement in deployed.statements_of(deployed.role_of(name))
        if "sqs:SendMessage" in actions_of(statement) and "InboundMailQueue.Arn" in resources_of(statement)
    ]
    assert fill_the_queue == ["SweepDeadlinesFunction"]


def test_mail_goes_out_under_our_own_address_only(deployed: Deployed) -> None:
    for name in holders(deployed, "ses:SendEmail"):
        (statement,) = [s for s in deployed.statements_of(deployed.role_of(name)) if "ses:SendEmail" in actions_of(s)]
        assert statement["Condition"] == {"StringEquals": {"ses:FromAddress": "privacy@shop.example"}}
        assert [r.split(":", 5)[5] for r in resources_of(statement)] == [
            "identity/shop.example",
            "configuration-set/ref(MailConfiguration)",
        ]
        assert "MAIL_FROM" in deployed.functions[name]["Environment"]["Variables"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_store_in_the_environment_comes_with_a_right(deployed: Deployed, name: str) -> None:
    """A variable without a right is a function that fails on AWS and nowhere else."""
    arns = {
        "CASES_TABLE": "CasesTable.Arn",
        "PEOPLE_TABLE": "PeopleTable.Arn",
        "IDEMPOTENCY_TABLE": "IdempotencyTable.Arn",
        "PEPPER_SECRET_ARN": "ref(PepperSecret)",
        "PRIVACY_REQUEST_ARN": "stateMachine:rightsdesk-privacy-request",
        "DEADLINE_WATCH_ARN": "stateMachine:rightsdesk-deadline-watch",
        "EVIDENCE_BUCKET": "EvidenceBucket.Arn",
        "EVIDENCE_KEY_ARN": "EvidenceSigningKey.Arn",
        "END_RETENTION_ARN": "EndRetentionFunction.Arn",
        "EXPORT_BUCKET": "ExportBucket.Arn",
        "MAIL_BUCKET": "MailBucket.Arn",
        "INBOUND_QUEUE_URL": "InboundMailQueue.Arn",
        "CONFIGURATION_SET": "configuration-set/ref(MailConfiguration)",
        "SOURCE_MEMBERS_TABLE": "table/shop-members",
        "SOURCE_ORDERS_TABLE": "table/shop-orders",
    }
    granted = [r for s in deployed.statements_of(deployed.role_of(name)) for r in resources_of(s)]
    for variable in deployed.functions[name]["Environment"]["Variables"]:
        if variable in arns:
            assert any(arns[variable] in resource for resource in granted), variable
    assert "DataKey.Arn" in granted


@pytest.mark.parametrize("name", ["PrivacyRequest", "DeadlineWatch"])
def test_a_workflow_invokes_its_own_tasks_and_no_others(deployed: Deployed, name: str) -> None:
    machine = deployed.one(name)
    (invoke, *_) = deployed.statements_of(deployed.one(machine["RoleArn"].removesuffix(".Arn")))
    assert actions_of(invoke) == ["lambda:InvokeFunction"]
    assert sorted(resources_of(invoke)) == sorted(machine["DefinitionSubstitutions"].values())
