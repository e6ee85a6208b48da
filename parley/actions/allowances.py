"""How many calls applications and addresses have left; kept in memory, and shared where several processes serve."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

from parley.core import allowance, limits
from parley.core.access import AccountCaller, ApplicationCaller, Caller
from parley.core.allowance import Held, Rule, Rules
from parley.core.errors import TooManyCalls, Unavailable
from parley.data_center import DataCenter
from parley.store import rate_limits
from parley.store.database import Transaction

ATTEMPTS = 5  # at a share that others of this process use up meanwhile
TRUST_SECONDS = 5  # how long no share is asked for after none could be had
FAILURES = (Rule(limits.FAILED_LOOKUPS, limits.MINUTE),)


class Allowances:
    """What everybody may still do in this process; where there are no rules, anything."""

    def __init__(self, dc: DataCenter) -> None:
        self.dc = dc
        self.rules = allowance.read_rules(dc.settings.rate_limit)
        self._applications = Ledger(self.rules, whole=not dc.db.is_shared)
        self._addresses = Ledger(self.rules)
        self._failures = Ledger(FAILURES)
        self._trusting_until = 0.0  # of the monotonic clock

    def spend(self, caller: Caller | None, address: str) -> None:
        """Count a call of an application, or of whoever is at the address; raises TooManyCalls."""
        if not self.rules:
            return
        if isinstance(caller, ApplicationCaller | AccountCaller):
            self._spend_of_application(caller.application)
        else:
            self._addresses.spend(allowance.place(address), self.dc.now())

    def fail(self, address: str) -> None:
        """Count a token that nobody has; raises TooManyCalls after too many of them from the address."""
        if self.rules:
            self._failures.spend(allowance.place(address), self.dc.now())

    def _spend_of_application(self, application: str) -> None:
        for _ in range(ATTEMPTS):
            now = self.dc.now()
            lacking = self._applications.spend(application, now)
            if not lacking or not self._lease(application, lacking, now):
                return

    def _lease(self, application: str, lacking: Sequence[Rule], now: int) -> bool:
        """Take a share of the installation's allowance; False where it does not say, and nobody is refused for that."""
        if time.monotonic() < self._trusting_until:
            return False

        def record(tx: Transaction) -> list[tuple[Rule, int, int]]:
            return [(rule, rule.window(now), rate_limits.lease(tx, application, rule, now)) for rule in lacking]

        try:
            self._applications.add(application, self.dc.db.write(record), now)
        except Unavailable:
            self._trusting_until = time.monotonic() + TRUST_SECONDS
            return False
        return True


class Ledger:
    """Who holds what; those are remembered who called last."""

    def __init__(self, rules: Rules, *, whole: bool = True, most: int = limits.CALLERS_REMEMBERED) -> None:
        self.rules = rules
        self._whole = whole
        self._most = most
        self._held: OrderedDict[str, Held] = OrderedDict()
        self._lock = Lock()

    def spend(self, who: str, now: int) -> list[Rule]:
        """Spend one call, unless more must be had first: by which rules. Raises TooManyCalls where no more can be."""
        with self._lock:
            held = self._at(who, now)
            if allowance.is_enough(held):
                self._keep(who, allowance.spent(held))
                return []
            if seconds := allowance.pause(self.rules, held, now):
                raise TooManyCalls(seconds)
            return allowance.lacking(self.rules, held)

    def add(self, who: str, got: Sequence[tuple[Rule, int, int]], now: int) -> None:
        """Add calls that were had, each with its rule and window; none means that there are no more."""
        with self._lock:
            self._keep(who, allowance.added(self.rules, self._at(who, now), got))

    def _at(self, who: str, now: int) -> Held:
        return allowance.at(self.rules, self._held.get(who), now, whole=self._whole)

    def _keep(self, who: str, held: Held) -> None:
        self._held[who] = held
        self._held.move_to_end(who)
        if len(self._held) > self._most:
            self._held.popitem(last=False)
