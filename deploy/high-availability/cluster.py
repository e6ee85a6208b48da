"""Two PostgreSQL nodes under Patroni, with one etcd: started, watched, and one of them killed."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from machine import Machine
from psycopg import sql

PACKAGES = {"patroni": "patroni", "etcd": "etcd-server", "setpriv": "util-linux"}
STARTING = 90  # seconds


@dataclass(frozen=True)
class Node:
    """One PostgreSQL and its Patroni."""

    name: str
    data: Path
    sql_port: int
    rest_port: int


@dataclass(frozen=True)
class Cluster:
    """The nodes, and how they are reached."""

    machine: Machine
    nodes: tuple[Node, Node]
    superuser_password: str
    parley_password: str
    is_synchronous: bool

    @property
    def address(self) -> str:
        """What PARLEY_DATABASE is set to: every node, and that it takes the one that may be written to."""
        hosts = ",".join(f"127.0.0.1:{one.sql_port}" for one in self.nodes)
        return f"postgresql://parley:{self.parley_password}@{hosts}/parley?target_session_attrs=read-write"

    def other(self, node: Node) -> Node:
        """The second one."""
        return next(one for one in self.nodes if one != node)

    def connected(self, node: Node) -> psycopg.Connection:
        """A connection of the superuser to one node."""
        return psycopg.connect(
            host="127.0.0.1",
            port=node.sql_port,
            user="postgres",
            password=self.superuser_password,
            dbname="postgres",
            connect_timeout=2,
            autocommit=True,
        )

    def leader_with_standby(self) -> Node | None:
        """The node that leads, once the other one follows it as it should."""
        roles = {}
        for node in self.nodes:
            with suppress(OSError, ValueError, http.client.HTTPException):
                roles = {one["name"]: (one["role"], one["state"]) for one in _cluster(node)["members"]} or roles
        leader = next((one for one in self.nodes if roles.get(one.name, ("",))[0] == "leader"), None)
        role, synchronous = ("sync_standby", "sync") if self.is_synchronous else ("replica", "async")
        if leader is None or roles.get(self.other(leader).name, ("",))[0] != role:
            return None
        return leader if self._is_replicated(leader, synchronous) else None

    def _is_replicated(self, leader: Node, how: str) -> bool:
        with suppress(psycopg.Error), self.connected(leader) as connection:
            streams = connection.execute("select sync_state from pg_stat_replication where state = 'streaming'")
            return (how,) in streams.fetchall()
        return False


def missing_packages() -> list[str]:
    """The Debian packages without which there is no cluster."""
    there = {name for name in PACKAGES if shutil.which(name)}
    missing = [package for name, package in PACKAGES.items() if name not in there]
    return missing if postgresql_programs() else [*missing, "postgresql"]


def postgresql_programs() -> Path | None:
    """The folder of the newest PostgreSQL that is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda one: float(one.parent.parent.name))
    return found[-1].parent if found else None


def started(machine: Machine, *, is_synchronous: bool) -> Cluster:
    """A new cluster, with a leader, a standby, and an empty database for Parley."""
    etcd_port = _etcd(machine)
    nodes = (_node(machine, "node-1"), _node(machine, "node-2"))
    cluster = Cluster(machine, nodes, machine.secret(), machine.secret(), is_synchronous)
    replication_password = machine.secret()
    machine.release_ports()
    machine.start("etcd", ["etcd", "--config-file", str(machine.folder / "etcd.yml")])
    for node in nodes:
        machine.write(
            f"{node.name}.yml",
            "patroni.yml",
            name=node.name,
            rest_port=node.rest_port,
            sql_port=node.sql_port,
            etcd_port=etcd_port,
            data=node.data,
            programs=postgresql_programs(),
            folder=machine.folder,
            superuser_password=cluster.superuser_password,
            replication_password=replication_password,
        )
        start_node(machine, node)
    if not is_synchronous:
        machine.until("Patroni answers", STARTING, lambda: _without_synchronous_mode(nodes[0]))
    leader = machine.until("a leader and a standby", STARTING, cluster.leader_with_standby)
    _make_database(cluster, leader)
    return cluster


def _etcd(machine: Machine) -> int:
    client_port = machine.free_port()
    machine.write(
        "etcd.yml", "etcd.yml", data=machine.folder / "etcd", client_port=client_port, peer_port=machine.free_port()
    )
    return client_port


def _node(machine: Machine, name: str) -> Node:
    return Node(name, machine.folder / name, machine.free_port(), machine.free_port())


def start_node(machine: Machine, node: Node) -> None:
    """Start a node's Patroni, which starts its PostgreSQL."""
    machine.start(node.name, ["patroni", str(machine.folder / f"{node.name}.yml")])


def _make_database(cluster: Cluster, leader: Node) -> None:
    with cluster.connected(leader) as connection:
        password = sql.Literal(cluster.parley_password)
        connection.execute(sql.SQL("create role parley login password {}").format(password))
        connection.execute("create database parley owner parley")
        connection.execute("create table probe (at timestamptz not null)")


def accepts_writes(cluster: Cluster, node: Node) -> bool | None:
    """True once the node takes a write."""
    with suppress(psycopg.Error), cluster.connected(node) as connection:
        connection.execute("insert into probe values (now())")
        return True
    return None


def processes_of(cluster: Cluster, node: Node) -> list[int]:
    """The node's Patroni, its PostgreSQL, and all of that one's processes, which can start no more of them."""
    patroni = cluster.machine.running[node.name].pid
    postmaster = _postmaster(node)
    for one in (patroni, postmaster):
        os.kill(one, signal.SIGSTOP)
    return [patroni, postmaster, *_children(postmaster)]


def kill(cluster: Cluster, node: Node) -> list[int]:
    """The machine of the node is dead: none of its processes lives, or could say anything; none can be woken."""
    for one in processes_of(cluster, node):
        with suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)
    cluster.machine.forget(node.name)
    return []


def freeze(cluster: Cluster, node: Node) -> list[int]:
    """The machine of the node hangs: its connections stay open, and nothing answers; the processes to wake."""
    stopped = processes_of(cluster, node)
    for one in stopped:
        with suppress(ProcessLookupError):
            os.kill(one, signal.SIGSTOP)
    return stopped


def wake(processes: list[int]) -> None:
    """The machine goes on as if nothing had been."""
    for one in processes:
        with suppress(ProcessLookupError):
            os.kill(one, signal.SIGCONT)


@contextmanager
def cut_off(standby: Node) -> Iterator[None]:
    """Nothing of what the leader writes reaches the standby's disk."""
    receivers = [one for one in _children(_postmaster(standby)) if b"walreceiver" in _words(one)]
    for one in receivers:
        os.kill(one, signal.SIGSTOP)
    try:
        yield
    finally:
        for one in receivers:  # ends before it reads what has arrived meanwhile
            os.kill(one, signal.SIGTERM)
        wake(receivers)


def _postmaster(node: Node) -> int:
    return int((node.data / "postmaster.pid").read_text().split()[0])


def _words(process_id: int) -> bytes:
    return Path(f"/proc/{process_id}/cmdline").read_bytes()


def _children(process_id: int) -> list[int]:
    found = []
    for one in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            parent = int((one / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == process_id:
                found.append(int(one.name))
    return found


def _cluster(node: Node) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(_asked(node, "GET", "/cluster"))
    return answer


def _without_synchronous_mode(node: Node) -> bool | None:
    with suppress(OSError, ValueError, http.client.HTTPException):
        told = json.loads(_asked(node, "PATCH", "/config", json.dumps({"synchronous_mode": False})))
        return told.get("synchronous_mode") is False or None
    return None


def _asked(node: Node, method: str, path: str, body: str | None = None) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", node.rest_port, timeout=2)
    try:
        connection.request(method, path, body)
        return connection.getresponse().read()
    finally:
        connection.close()
