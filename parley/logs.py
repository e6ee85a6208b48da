"""Logs: one line an event on standard error, JSON unless a person is looking.

Errors are logged by their kind and by the places in the code that they came through. What they say is left out: the
message of an error may quote what was asked or stored.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import Iterator, MutableMapping
from types import TracebackType
from typing import Any

import structlog
from structlog.dev import plain_traceback

from parley.core import causes

FRAMES = 50  # of one error, the innermost
CHAIN = 10  # of errors that led to one another

log = structlog.get_logger()


def configure(level: str) -> None:
    """Send everything of this level and above to standard error, also what libraries say and what nobody has caught."""
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _with_error,
            structlog.dev.ConsoleRenderer(exception_formatter=plain_traceback)
            if sys.stderr.isatty()
            else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),  # a line is one write: processes share the file
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[_Libraries()], level=max(number, logging.WARNING), force=True)
    sys.excepthook = _uncaught
    sys.unraisablehook = lambda what: _uncaught(what.exc_type, what.exc_value, None)
    threading.excepthook = lambda what: _uncaught(what.exc_type, what.exc_value, None)


def _uncaught(_kind: type[BaseException], error: BaseException | None, _trace: TracebackType | None) -> None:
    log.critical("uncaught", exc_info=error)


class _Libraries(logging.Handler):
    """What libraries log, as lines like ours; only the first of each, since others show the values at hand."""

    def emit(self, record: logging.LogRecord) -> None:
        told = record.getMessage().partition("\n")[0]
        error = record.exc_info[1] if record.exc_info else None
        log.log(record.levelno, "library", logger=record.name, message=told, exc_info=error)


def _with_error(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The event with its error as text, where it has one."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        event["exception"] = "\n".join(_lines(error))
    return event


def _lines(error: BaseException) -> Iterator[str]:
    """The error, and those that led to it."""
    following: BaseException | None = error
    for number in range(CHAIN):
        if following is None:
            return
        yield f"{'because of ' if number else ''}{causes.told(following)}"
        yield from (one.rstrip() for one in traceback.format_tb(following.__traceback__, -FRAMES))
        following = following.__cause__ or (None if following.__suppress_context__ else following.__context__)
