"""What went wrong, told without any value that it went wrong with: that may be a name, an address or a secret."""

from __future__ import annotations


def told(cause: BaseException) -> str:
    """The kind of an error, and what a database or the system calls it."""
    constraint = getattr(getattr(cause, "diag", None), "constraint_name", None)
    code = getattr(cause, "sqlstate", None) or getattr(cause, "extendedresult", None)
    system = cause.strerror if isinstance(cause, OSError) else None
    return " ".join([type(cause).__name__, *(str(one) for one in (code, constraint, system) if one)])


def place(cause: BaseException) -> str:
    """Where in the code it was raised: file and line."""
    at = cause.__traceback__
    while at and at.tb_next:
        at = at.tb_next
    return f"{at.tb_frame.f_code.co_filename.rpartition('/')[2]}:{at.tb_lineno}" if at else "nowhere"
