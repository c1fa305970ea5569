"""The rules: no AWS, no input or output."""
