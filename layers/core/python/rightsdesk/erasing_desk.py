"""What the tasks that erase share, wired: one source's reader and eraser, and the manifest."""

from rightsdesk.adapters.clients import client
from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.erasure_manifest import RecordedManifest
from rightsdesk.adapters.found_values import SpooledValues
from rightsdesk.adapters.merchant_files import data_map
from rightsdesk.adapters.s3_exports import S3ExportStore
from rightsdesk.adapters.s3_results import S3RecordStore, work_prefix
from rightsdesk.domain.shards import WHOLE, Shard
from rightsdesk.services.erase_person import PersonEraser
from rightsdesk.sources.erasers import eraser_for
from rightsdesk.sources.readers import reader_for
from rightsdesk.wiring import merchant, utc_now


def person_eraser(source: str, *, cases: DynamoCaseStore, export_bucket: str, shard: Shard = WHOLE) -> PersonEraser:
    """For one source of the data map, or a shard of it. Libraries are loaded for its kind, and no other."""
    place = data_map().sources[source]
    exports = S3ExportStore(export_bucket)
    return PersonEraser(
        cases=cases,
        manifest=RecordedManifest(S3RecordStore(export_bucket)),
        reader=reader_for(place, client=client),
        eraser=eraser_for(place, client=client, shard=shard),
        data_map=data_map(),
        merchant=merchant(),
        found=SpooledValues,
        discard=lambda request_id: exports.discard(work_prefix(request_id)),
        clock=utc_now,
        shard=shard,
    )
