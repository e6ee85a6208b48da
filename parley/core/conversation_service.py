"""Conversation services: somebody's assistant that answers for them, as a value."""

from __future__ import annotations

from dataclasses import dataclass, field

from parley.core.conversation import Conversation, Status
from parley.core.service_limits import ServiceLimits
from parley.core.turns import shard

PROOF_NAME = "_parley"  # below the domain, where a TXT record proves it
PROOF_PATH = "/.well-known/parley-conversation-service"
SHARDS = 16  # pushes to one service that go out at once, at most
LOOK_SECONDS, LONGEST_LOOK = 60, 960  # between two looks whether there is something to choose by now: ever more
CHOICES = 3  # that services make for one participant of a conversation; cleared once more, the next channel asks


@dataclass(frozen=True, slots=True)
class NewService:
    """What somebody asks for who brings a service."""

    callback_url: str
    limits: ServiceLimits
    domain: str | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """How an application shows that a domain is its own: by publishing the token there.

    `failure` is what the last check, at `checked_at`, found instead.
    """

    token: str
    proven_at: int | None = None
    checked_at: int | None = None
    failure: str = ""

    @property
    def status(self) -> str:
        """Where it stands, in one word."""
        if self.proven_at is not None:
            return "proven"
        return "pending" if self.checked_at is None else "failed"


@dataclass(frozen=True, slots=True)
class Secret:
    """What pushes are signed with, sealed; an earlier one signs as well until `previous_until`."""

    sealed: str
    previous: str | None = None
    previous_until: int = 0

    def signing(self, now: int) -> list[str]:
        """Those that sign now, the newest first."""
        return [self.sealed, self.previous] if self.previous and now < self.previous_until else [self.sealed]


@dataclass(frozen=True, slots=True)
class ConversationService:
    """A service that an application brings: for an account, or for the addresses of a domain once that is proven.

    It ends by itself at `disabled_at`, when it says that it is gone.
    """

    id: str
    application: str
    account: int | None
    domain: str | None
    proof: Proof | None
    callback_url: str
    secret: Secret
    created_at: int
    limits: ServiceLimits = field(default_factory=ServiceLimits)
    disabled_at: int | None = None

    @property
    def counts(self) -> bool:
        """Whether it may be asked and may act: it is enabled, and its domain, if it has one, is proven."""
        return self.disabled_at is None and (self.proof is None or self.proof.proven_at is not None)


def push_lanes(application: str, service: str) -> list[str]:
    """The lanes of all pushes to a service that this application has brought."""
    return [f"push:{application}:{service}:{shard}" for shard in range(SHARDS)]


def deadline_lane(application: str) -> str:
    """The lane of the deadlines of all services that this application has brought."""
    return f"asked:{application}"


@dataclass(frozen=True, slots=True)
class Asked:
    """A service is asked for a participant: in which of their turns, and until when it has time to act.

    With a deadline of 0 it is not asked before there is something to choose.
    """

    conversation: str
    position: int
    turn: int
    service: str
    deadline: int
    looks: int = 0  # how often there was nothing to choose

    @property
    def pause(self) -> int:
        """How many seconds later it is seen again whether there is something to choose."""
        return min(LOOK_SECONDS << min(max(self.looks - 1, 0), 8), LONGEST_LOOK)

    @property
    def name(self) -> str:
        """What it is about, the same whenever the same is asked."""
        return f"{self.conversation}:{self.position}:{self.turn}:{self.service}"

    def push_lane(self, application: str) -> str:
        """Pushes of one lane to a service, which this application has brought, wait for each other."""
        return push_lanes(application, self.service)[shard(self.conversation, SHARDS)]

    @property
    def is_put_off(self) -> bool:
        """Whether its time has not begun, because there was nothing to choose."""
        return self.deadline == 0

    @property
    def delivery_id(self) -> str:
        """How the receiver tells a repeated push from another one, and from one after it was put off."""
        return f"ask_{self.name.replace(':', '-')}-{self.deadline}"

    def still_matters(self, conversation: Conversation) -> bool:
        """Whether the participant has to act and has not done so since."""
        one = conversation.participants[self.position]
        return conversation.status(one) is Status.NEEDS_ACTION and one.turn == self.turn
