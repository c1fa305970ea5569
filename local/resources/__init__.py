"""Every type of resource that the template may use: what is made of it here, or why nothing needs to be."""

from collections.abc import Mapping

from local.resources import api, compute, identity, keys, messaging, receiving, storage, watching
from local.resources.kind import Kind

KINDS: Mapping[str, Kind] = {
    **storage.KINDS,
    **keys.KINDS,
    **compute.KINDS,
    **api.KINDS,
    **messaging.KINDS,
    **receiving.KINDS,
    **identity.KINDS,
    **watching.KINDS,
}

_POLICY = "rights are not enforced here; tests/infrastructure reads them in the template"
_NO_ADDRESS = "the machine has a loopback address and no name or certificate of its own"
_NO_BILL = "nothing here costs anything"

# Types that are read, whose references are resolved, and that change nothing on this machine.
WITHOUT_EFFECT: Mapping[str, str] = {
    "AWS::ApiGateway::Account": "there is no access log of the gateway here",
    "AWS::ApiGateway::BasePathMapping": _NO_ADDRESS,
    "AWS::ApiGateway::Deployment": "a REST API is served as soon as it is made",
    "AWS::Budgets::Budget": _NO_BILL,
    "AWS::IAM::ManagedPolicy": _POLICY,
    "AWS::IAM::Policy": _POLICY,
    "AWS::Lambda::Permission": _POLICY,
    "AWS::Lambda::Version": "there is one version of a function: the files",
    "AWS::Route53::RecordSet": _NO_ADDRESS,
    "AWS::S3::BucketPolicy": _POLICY,
    "AWS::SNS::TopicPolicy": _POLICY,
    "AWS::SQS::QueuePolicy": _POLICY,
    "AWS::WAFv2::WebACL": "there is no firewall on a laptop",
    "AWS::WAFv2::WebACLAssociation": "there is no firewall on a laptop",
}
