"""The form a reviewer fills in: written out blank or filled, read back into the records. The acts of both gates and
the desk call it; most of them through `reviewers.checklist`.
"""

from reviewers.form.reading import parse_answers
from reviewers.form.words import ANSWER_WORDS, FIELD_WORDS, ReviewForm
from reviewers.form.writing import Remarks, blank_form, filled_form

__all__ = ["ANSWER_WORDS", "FIELD_WORDS", "Remarks", "ReviewForm", "blank_form", "filled_form", "parse_answers"]
