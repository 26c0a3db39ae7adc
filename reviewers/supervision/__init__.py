"""Supervision after review: the rectification ledger, complaints and leads, spot checks, stage misses and strikes.

Everything here is a matter of its own in the trail, not a case; the `ledger`, `complaint`, `sample` and `supervise`
commands call it.
"""
