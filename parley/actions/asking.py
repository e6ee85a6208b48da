"""Reaching whoever must act: their conversation service first, then mail, else nobody but the application."""

from __future__ import annotations

from parley.actions import letters
from parley.core.conversation import Conversation
from parley.core.letter import Kind, Letter
from parley.data_center import DataCenter
from parley.store.database import Transaction


def ask(tx: Transaction, dc: DataCenter, conversation: Conversation, position: int) -> None:
    """Ask the participant to choose, over the first channel that there is for them."""
    write(tx, dc, conversation, position)


def write(tx: Transaction, dc: DataCenter, conversation: Conversation, position: int) -> bool:
    """Ask the participant by mail; False where they cannot be written to."""
    turn = conversation.participants[position].turn  # they are asked anew after each choice that was cleared
    return letters.write(tx, dc, conversation, Letter(Kind.ASK, conversation.id, position, str(turn)))
