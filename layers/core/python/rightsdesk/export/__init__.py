"""The package a person downloads: what it holds, how it is written, how it is checked.

`build` writes a package, `verify` checks one without any network. Pure: no AWS, and no file of its own; it writes
to whatever `open_part` returns.
"""
