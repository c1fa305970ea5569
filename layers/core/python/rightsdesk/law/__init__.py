"""The laws, as pure rules: which law applies, when an answer is due, which authority hears a complaint.

Start at `periods.compute_deadlines`. `docs/law.md` walks through one computation.
"""
