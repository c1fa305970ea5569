"""`rightsdesk opendsr`: asks for the certificate of your OpenDSR key, and checks the one you got."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from local.commands._arguments import SHIPPED_MERCHANT, parser

if TYPE_CHECKING:
    from rightsdesk.adapters.kms_signer import KmsSigner


def run(argv: Sequence[str]) -> int:
    made = parser(
        "opendsr",
        "request: prints a certificate signing request for the key of the stack, to be handed to an authority.\n"
        "check: says whether opendsr.pem is for that key and your domain, issued by an authority that is known, and\n"
        "in its time. Both call AWS with your own credentials; the key never leaves KMS.",
        example="rightsdesk opendsr request --key arn:aws:kms:eu-west-1:123456789012:key/… > opendsr.csr",
        exit_status="exit status: 0 done, 1 the certificate is not good or AWS refused, 2 wrong usage",
    )
    made.add_argument("what", choices=["request", "check"])
    made.add_argument("--key", required=True, metavar="ARN", help="the output OpenDsrSigningKeyArn of the stack")
    made.add_argument("--merchant", type=Path, default=SHIPPED_MERCHANT, metavar="DIR", help="(layers/merchant)")
    made.add_argument("--authority", type=Path, metavar="PEM", help="whose certificates are believed (the system's)")
    made.add_argument("--region", help="of AWS; else that of your profile")
    made.add_argument("--profile", help="of your AWS configuration")
    arguments = made.parse_args(argv)

    import boto3
    from botocore.exceptions import BotoCoreError

    from rightsdesk.adapters.kms_signer import KmsSigner
    from rightsdesk.domain.errors import MerchantFileError, OutboundRefusedError, ServiceUnavailableError

    try:
        kms = boto3.Session(profile_name=arguments.profile, region_name=arguments.region).client("kms")
        signer = KmsSigner(arguments.key, kms, algorithm="RSASSA_PKCS1_V1_5_SHA_256")
        domain = _domain(arguments.merchant)
        if arguments.what == "request":
            made_request = _request(domain, signer)
            print(json.dumps({"request": made_request}) if arguments.json else made_request.rstrip())
        else:
            _check(arguments.merchant / "opendsr.pem", arguments.authority, domain, signer)
            print(json.dumps({"good_for": domain}) if arguments.json else f"opendsr.pem is good for {domain}")
    except (BotoCoreError, ServiceUnavailableError):
        return _failed("KMS did not answer: are the ARN, the region and the credentials right?")
    except OutboundRefusedError:
        return _failed("opendsr.pem: no authority that is known vouches for it now")
    except (MerchantFileError, OSError, ValueError) as error:
        return _failed(str(error))
    return 0


def _failed(why: str) -> int:
    print(f"rightsdesk opendsr: {why}", file=sys.stderr)
    return 1


def _domain(merchant: Path) -> str:
    from rightsdesk.adapters.merchant_files import read_merchant_file
    from rightsdesk.domain.instruction import OpenDsrProfile

    domain = read_merchant_file(merchant / "opendsr.yaml", OpenDsrProfile).domain
    if domain is None:
        raise ValueError("opendsr.yaml names no domain")
    return domain


def _request(domain: str, signer: "KmsSigner") -> str:
    from local.certificate_request import certificate_request

    return certificate_request(domain, public_key=signer.public_key(), sign=signer.sign)


def _check(path: Path, authority: Path | None, domain: str, signer: "KmsSigner") -> None:
    from datetime import UTC, datetime

    from rightsdesk.adapters.x509_certificates import CertificateAuthorities

    authorities = CertificateAuthorities(authority.read_text(encoding="ascii") if authority else None)
    certificate = authorities.believed(path.read_bytes(), domain=domain, at=datetime.now(UTC))
    content = b"rightsdesk opendsr check"
    if not certificate.has_signed(content, signer.sign(content)):
        raise ValueError(f"{path.name}: is for another key")
