"""What each process has taken of the allowances of applications; PostgreSQL alone has the table.

A row stands for one window. Rows of windows that are neither this one nor next to it go when a new one is added.
"""

from __future__ import annotations

from parley.core.allowance import Rule
from parley.store.database import Transaction


def lease(tx: Transaction, application: str, rule: Rule, now: int) -> int:
    """Take a share of what the application may do in this window; how many calls that is, 0 where all is taken.

    The last share may go beyond the allowance, by less than a share.
    """
    named = {"application": application, "seconds": rule.seconds, "began": rule.window(now)}
    row = tx.one(
        "insert into rate_limits (application_id, seconds, began, used) values (:application, :seconds, :began, :share)"
        " on conflict (application_id, seconds, began) do update set used = rate_limits.used + excluded.used"
        " where rate_limits.used < :most returning used",
        share=rule.share,
        most=rule.calls,
        **named,
    )
    if row and row[0] == rule.share:
        tx.run(
            "delete from rate_limits where application_id = :application and seconds = :seconds"
            " and (began < :began - :seconds or began > :began + :seconds)",
            **named,
        )
    return rule.share if row else 0
