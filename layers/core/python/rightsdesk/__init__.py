"""Rightsdesk keeps the promises that a merchant makes in its privacy policy.

Where to look: `domain` and `law` hold the rules, `services` the use cases, `adapters` and `sources` the outside
world, `web` and `mail` the doors, `export` the package a person downloads.
"""

__version__ = "0.1.0"
