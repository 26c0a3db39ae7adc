"""Text from outside as one line that can be stored, printed and written into a form without moving anything else.

Titles, file names and reasons come from files and command lines; a line feed or an escape sequence in one of them
would write where it was not asked to. Called where such text enters and where it goes to a terminal or into a form.
"""

from __future__ import annotations


def one_line(text: str) -> str:
    """The text without control characters and line feeds, each run of blanks a single one."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
