"""Logs: one line an event on standard error, JSON unless a person is looking."""

from __future__ import annotations

import logging
import sys

import structlog
from structlog.dev import plain_traceback


def configure(level: str) -> None:
    """Send everything of this level and above to standard error."""
    number = logging.getLevelNamesMapping()[level.upper()]
    logging.basicConfig(stream=sys.stderr, level=max(number, logging.WARNING), format="%(levelname)s %(message)s")
    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)  # a line for each try would drown what matters
    is_watched = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([] if is_watched else [structlog.processors.format_exc_info]),
            structlog.dev.ConsoleRenderer(exception_formatter=plain_traceback)  # without the values of variables
            if is_watched
            else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
