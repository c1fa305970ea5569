"""The commands of `rightsdesk`, one module each; see `local.cli` for what makes a module a command."""
