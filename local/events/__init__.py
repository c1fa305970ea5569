"""What starts a function without anybody waiting for its answer: queues, table streams, topics, rules, schedules.

`pump` asks each source in turn; `schedules` follows the movable clock. Notifications of a bucket need nothing here:
moto sends them, and `moto_fixes.run_functions_here` takes them.
"""
