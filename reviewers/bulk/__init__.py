"""Stock clean-up (存量清理): whole directories screened, with a ledger that knows what is done.

`walk` lists the files, `crew` runs processes that may be killed, `worker` is what runs in them, `ledger` remembers by
content and rule pack, `cleaning` ties them together, `summary` counts. Called by the screen and stock commands.
"""
