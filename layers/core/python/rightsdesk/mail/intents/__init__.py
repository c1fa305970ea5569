"""Which request a mail is: by words, rules and reasons, with no model behind them (docs/intents.md)."""

from rightsdesk.mail.intents.reading import read_intents

__all__ = ["read_intents"]
