"""Where the merchant's data live, for reading: DynamoDB tables, S3 objects by row, S3 objects by column."""
