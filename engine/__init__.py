"""The record and the block: documents become clauses, clauses meet the law, the process says whose turn it is,
the gate says what may be issued, the trail remembers. Knows no screen, no person's name, no terminal.
"""
