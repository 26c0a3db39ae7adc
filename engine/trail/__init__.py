"""What makes the record tamper-evident: hash chain, Merkle tree, checkpoints, and the verifier anyone can run.

Standard library only. The store seals events with `chain`, proves them with `merkle`; `verifier` holds what is true of
one piece of evidence, `bundles` and `certificates` judge what was taken out of the office, `redaction` what outsiders
may see of it. `standalone` repeats the judgement independently and lies in every bundle. What it proves: an event
cannot be changed, left out or moved without contradicting a checkpoint somebody else holds. What it cannot: whoever
owns the database and every copy of every checkpoint can write another history. Hence the head on every paper.
"""
