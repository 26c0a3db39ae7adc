"""Every refusal a user can meet: what happened, where, and what to do next.

Raised everywhere, caught once at the counter.
"""

from __future__ import annotations


class FairReviewError(Exception):
    """A refusal in the user's language.

    `code` is stable and for scripts, `message` says what is wrong and where in the user's own words,
    `advice` says what to do next, `exit_code` is the documented exit code of the command line.
    """

    code = "error"
    exit_code = 1

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.message}{self.advice}"


class DocumentUnreadable(FairReviewError):
    """The file cannot be read as a policy document; it was not screened, which is never the same as clean."""

    code = "document_unreadable"
    exit_code = 2


class InvalidInput(FairReviewError):
    """What the user typed or filed is incomplete or malformed."""

    code = "invalid_input"
    exit_code = 2


class StandardsError(FairReviewError):
    """A file of the law, the rules, the checklists or the profile does not load; names file and key."""

    code = "standards_error"
    exit_code = 2


class ProcessError(FairReviewError):
    """A process definition breaks the BPMN profile or a stored position cannot be continued."""

    code = "process_error"
    exit_code = 2


class Refused(FairReviewError):
    """The act is not allowed to this person (role, separation of duties); names the rule."""

    code = "refused"
    exit_code = 3


class NotYourTurn(Refused):
    """The process is not waiting for this act."""

    code = "not_your_turn"


class Blocked(FairReviewError):
    """The gate keeps the document: reasons are open."""

    code = "blocked"
    exit_code = 1


class NotFound(FairReviewError):
    """No such case, officer, finding or installation."""

    code = "not_found"
    exit_code = 4


class Conflict(FairReviewError):
    """Somebody else acted first, or the same command id was used for another act."""

    code = "conflict"
    exit_code = 5


class TrailBroken(FairReviewError):
    """The record does not agree with itself; names the first bad entry."""

    code = "trail_broken"
    exit_code = 6


class Busy(FairReviewError):
    """The database is locked by another writer; nothing was written, the same command may be repeated."""

    code = "busy"
    exit_code = 75
