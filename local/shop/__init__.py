"""A furniture shop with members, orders and files, so that there is data to find. README.md tells who is in it.

`create` makes its tables and its bucket, `seed` fills them. Both want a boto3 session whose clients already talk to the
local AWS: nothing here is meant for a real account.
"""

from local.shop.filling import seed
from local.shop.tables import create

__all__ = ["create", "seed"]
