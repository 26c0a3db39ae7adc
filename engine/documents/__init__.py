"""Documents: files become text, text becomes clauses with numbers, offsets and lead-ins, versions become a comparison.

Filing and screening read here; nothing here knows the law. Offsets are code points into `Document.text`.
"""

from engine.documents.archive import read_archive
from engine.documents.clauses import split_clauses
from engine.documents.diff import ChangeKind, ClauseChange, align
from engine.documents.folding import fold
from engine.documents.lineage import lead_in, path_headings, table_header
from engine.documents.reading import read_bytes, read_document, read_text
from engine.documents.squeezing import Squeezed, squeezed

__all__ = [
    "ChangeKind",
    "ClauseChange",
    "Squeezed",
    "align",
    "fold",
    "lead_in",
    "path_headings",
    "read_archive",
    "read_bytes",
    "read_document",
    "read_text",
    "split_clauses",
    "squeezed",
    "table_header",
]
