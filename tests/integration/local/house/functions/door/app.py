"""Answers HTTP: by default with the event itself, or with what the query asks for."""

import base64
import json
import os
import time
from email.message import EmailMessage
from typing import Any

import boto3
from botocore.config import Config
from house_shared import now  # type: ignore[import-not-found]

GREETING = os.environ["GREETING"]


def lambda_handler(event: Any, context: Any) -> Any:
    query = event.get("queryStringParameters") or {}
    match query.get("want"):
        case "binary":
            body = base64.b64encode(b"\x00\xff").decode()
            return {
                "statusCode": 200,
                "headers": {"Content-Type": "application/octet-stream"},
                "body": body,
                "isBase64Encoded": True,
            }
        case "cookies":
            return {"statusCode": 204, "multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"]}}
        case "malformed":
            return {"status": 200}
        case "error":
            raise LookupError("no such thing")
        case "slow":
            time.sleep(30)
        case "huge":
            return {"statusCode": 200, "body": "x" * (7 * 1024 * 1024)}
        case "start":
            boto3.client("stepfunctions").start_execution(
                stateMachineArn=os.environ["MACHINE"], name=query["id"], input=json.dumps({"id": query["id"]})
            )
            return {"statusCode": 202}
        case "mail":
            send_mail(query["to"])
            return {"statusCode": 202}
        case "link":
            s3 = boto3.client("s3", config=Config(signature_version="s3v4"))
            s3.put_object(Bucket=os.environ["BUCKET"], Key="exports/a b.txt", Body=b"here")
            link = s3.generate_presigned_url(
                "get_object", Params={"Bucket": os.environ["BUCKET"], "Key": "exports/a b.txt"}, ExpiresIn=60
            )
            return {"statusCode": 200, "body": link}
    answer = {
        "event": event,
        "greeting": GREETING,
        "function": context.function_name,
        "now": now(),
        "environment": sorted(os.environ),
    }
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(answer)}


def send_mail(to: str) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = os.environ["MAIL_FROM"], to, "確認コード"
    mail.set_content("Your code is 12345678.\n")
    mail.add_alternative("<p>Your code is <b>12345678</b>.</p>", subtype="html")
    boto3.client("sesv2").send_email(
        FromEmailAddress=os.environ["MAIL_FROM"],
        Destination={"ToAddresses": [to]},
        Content={"Raw": {"Data": mail.as_bytes()}},
    )
