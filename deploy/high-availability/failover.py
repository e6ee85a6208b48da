"""Kills the leader of a PostgreSQL cluster while Parley is used, and counts what was lost.

    .venv/bin/python deploy/high-availability/failover.py

Everything runs on 127.0.0.1, in a folder of its own, and ends with this program. Status 1: something was lost.
"""

# ruff: noqa: S603, T201  # a command: it prints, and starts what is named here

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import threading
import time
from contextlib import nullcontext
from pathlib import Path

import cluster as clusters
import reading_back
from cluster import Cluster, Node
from load import Client, Person, Watch, Writer, merged
from machine import GivenUp, Machine, machine
from report import Run, lines, tell

PARLEY = Path(sys.executable).parent / "parley"
FAILING_OVER = 90  # seconds
REJOINING = 120


def main() -> None:
    """Do what the words of the command say."""
    told = _words().parse_args()
    if missing := clusters.missing_packages():
        raise SystemExit(f"missing: apt-get install --no-install-recommends {' '.join(missing)}")
    if not PARLEY.exists():
        raise SystemExit(f"there is no {PARLEY}; run this with the Python of Parley's .venv, which make setup prepares")
    try:
        with machine(told.user, keep=told.keep) as box:
            lost = _tried(box, told)
    except GivenUp as why:
        raise SystemExit(f"failover: {why}") from None
    raise SystemExit(1 if lost else 0)


def _words() -> argparse.ArgumentParser:
    words = argparse.ArgumentParser(prog="failover.py", description=(__doc__ or "").partition("\n")[0])
    words.add_argument("--seconds", type=float, default=10, help="of load before the leader is killed, and after")
    words.add_argument("--writers", type=int, default=4, help="how many use Parley at once")
    words.add_argument("--processes", type=int, default=1, help="of Parley")
    words.add_argument("--freeze", action="store_true", help="it does not die, but hangs (SIGSTOP), and goes on later")
    words.add_argument("--standby", action="store_true", help="it is the standby that dies, not the leader")
    words.add_argument(
        "--cut", type=float, default=0, metavar="SECONDS", help="the nodes lose each other so long before"
    )
    words.add_argument("--asynchronous", action="store_true", help="without synchronous_mode, to see what that loses")
    words.add_argument("--user", help="who runs PostgreSQL where root starts this; by default postgres, or nobody")
    words.add_argument("--keep", action="store_true", help="leave the folder with logs and data")
    return words


def _tried(box: Machine, told: argparse.Namespace) -> int:
    tell("starting etcd and two PostgreSQL nodes under Patroni")
    cluster = clusters.started(box, is_synchronous=not told.asynchronous)
    port = _parley(cluster, told.processes)
    key, writers, ending = _people(cluster, port, told.writers)
    tell(f"Parley serves on port {port}; {told.writers} writers for {told.seconds:.0f} seconds")
    run = _under_load(cluster, writers, Watch(port, ending), told)
    tell("reading everything back")
    found = reading_back.compare(run.ledger.conversations, Client(port, key))
    print("\n".join(lines(run, found)), flush=True)
    return len(found.lost) + len(found.doubled)


def _parley(cluster: Cluster, processes: int) -> int:
    """Start `parley serve`; the port that it listens on."""
    box = cluster.machine
    port = box.free_port()
    box.release_ports()
    words = [str(PARLEY), "serve", "--port", str(port), "--processes", str(processes)]
    box.start_as_caller("parley", words, environment=_settings(cluster))
    box.until("Parley is ready", 30, lambda: Client(port, "").call("GET", "/health/ready").is_acknowledged or None)
    return port


def _settings(cluster: Cluster) -> dict[str, str]:
    return {
        "PARLEY_DATABASE": cluster.address,
        "PARLEY_DATA_DIR": str(cluster.machine.folder / "parley"),
        "PARLEY_RATE_LIMIT": "0",  # the writers are one application, and do not wait
    }


def _people(cluster: Cluster, port: int, count: int) -> tuple[str, list[Writer], threading.Event]:
    """An application's key, and writers for it with two people each, who have a calendar each."""
    made = subprocess.run(
        [PARLEY, "application", "create", "Fail-over", "--json"],
        env=_settings(cluster),
        check=True,
        capture_output=True,
    )
    application = json.loads(made.stdout)
    key, ending = application["client_secret"], threading.Event()
    pairs = [(_person(port, application, 2 * one), _person(port, application, 2 * one + 1)) for one in range(count)]
    return key, [Writer(Client(port, key), pair, ending) for pair in pairs], ending


def _person(port: int, application: dict[str, str], number: int) -> Person:
    made = Client(port, "").call(
        "POST", "/v1/application_calendars", {**application, "application_calendar_id": f"p-{number}"}
    )
    if not made.is_acknowledged:
        raise GivenUp(f"no calendar: {made.kind} {made.body}")
    return Person(made.body["sub"], made.body["access_token"])


def _under_load(cluster: Cluster, writers: list[Writer], watch: Watch, told: argparse.Namespace) -> Run:
    for one in (*writers, watch):
        one.start()
    time.sleep(told.seconds)
    leader = cluster.machine.until("a leader", 10, cluster.leader_with_standby)
    victim = cluster.other(leader) if told.standby else leader
    survivor = cluster.other(victim)
    with clusters.cut_off(cluster.other(leader)) if told.cut else nullcontext():
        time.sleep(told.cut)
        killed = time.monotonic()
        stopped = clusters.freeze(cluster, victim) if told.freeze else clusters.kill(cluster, victim)
    tell(f"{victim.name} {'follows' if told.standby else 'leads'}, and {'hangs' if told.freeze else 'is dead'}")
    box = cluster.machine
    box.until(f"{survivor.name} takes writes", FAILING_OVER, lambda: clusters.accepts_writes(cluster, survivor))
    accepting = time.monotonic()
    tell(f"{survivor.name} takes writes after {accepting - killed:.1f} seconds")
    box.until("Parley writes again", FAILING_OVER, lambda: _has_written(writers, accepting))
    time.sleep(told.seconds)
    rejoined = _rejoined(cluster, victim, stopped)
    time.sleep(1)
    watch.ending.set()
    for one in (*writers, watch):
        one.join()
    return Run(merged([one.ledger for one in writers]), watch, killed, accepting, rejoined)


def _has_written(writers: list[Writer], since: float) -> bool | None:
    return any(one.done > since for writer in writers for one in writer.ledger.acknowledged[-1:]) or None


def _rejoined(cluster: Cluster, node: Node, stopped: list[int]) -> float:
    """Let a node come back; the seconds until it follows the other one."""
    began = time.monotonic()
    if stopped:
        clusters.wake(stopped)
    else:
        clusters.start_node(cluster.machine, node)
    leader = cluster.other(node)
    follows = f"{node.name} follows {leader.name}"
    cluster.machine.until(follows, REJOINING, lambda: cluster.leader_with_standby() == leader or None)
    took = time.monotonic() - began
    tell(f"{follows} after {took:.1f} seconds")
    return took


if __name__ == "__main__":
    main()
