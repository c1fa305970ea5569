"""One module per AWS service, and the merchant's files: the only place with boto3 besides `sources`."""
