"""What each kind of letter says: a headline, sentences under it, and what a mailbox shows beside the subject."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from parley.core.conversation import Status
from parley.core.letter import Kind
from parley.letters.view import View
from parley.wire.words import joined, one_line

REASON_LENGTH = 300
NAMES_IN_HEADLINE = 2  # more stand under it anyway


@dataclass(frozen=True, slots=True)
class Words:
    """A letter's own words; `label` stands over the time that it shows."""

    headline: str
    sentences: tuple[str, ...]
    label: str = ""

    @property
    def preview(self) -> str:
        """What a mailbox shows beside the subject."""
        return " ".join((f"{self.headline}.", *self.sentences))[:150]


def words(view: View) -> Words:
    """The words of a letter of its kind."""
    return WORDS[view.kind](view)


def _ask(view: View) -> Words:
    if view.is_asked_again:
        return Words(
            "It is your turn again",
            ("The time that you chose before did not work out for everyone. Which of these suits you?",),
        )
    if view.is_organizer:
        whom = f" with {joined(view.others)}" if view.others else ""
        return Words(f"Choose a time for your meeting{whom}", ("Which of these times suits you?",))
    return Words(f"{view.organizer} invites you to choose a time", ("Which of these times suits you?",))


def _reminder(view: View) -> Words:
    waiting = "Your answer is still missing" if view.is_organizer else f"{view.organizer} is waiting for your answer"
    return Words(waiting, ("You have not chosen a time yet. These are still free:",))


def _understood(view: View) -> Words:
    whom = "us" if view.is_organizer else view.organizer
    sentences = (
        "This is how we read your answer. As soon as everybody has agreed on a time, you hear from us.",
        f"Is that not what you meant? Then please tell {whom} before it is agreed.",
    )
    return Words("Your choice is saved", sentences, "You chose")


def _unclear(view: View) -> Words:
    if view.conversation.is_complete:
        return Words("This meeting is agreed already", (_why(view), "Nothing was changed by your answer."), "Agreed")
    if view.status is Status.WAITING:
        sentence = "Nothing was changed by your answer: there is nothing for you to choose now."
        return Words("Your answer changed nothing", (_why(view), sentence), "You chose")
    if not view.letter.starts:
        sentence = "No time is left to choose from at the moment."
        return Words("Your answer could not be saved", (_why(view), sentence))
    return Words("Please choose once more", (_why(view), "Nothing has been chosen for you. These times are free:"))


def _why(view: View) -> str:
    """Why an answer was not acted upon; a reason that is a sentence is taken as it is."""
    reason = one_line(view.letter.reason, REASON_LENGTH)
    if not reason:
        return "Thank you for your answer."
    return REASONS.get(reason, reason if " " in reason else REASONS["unclear"])


REASONS = {
    "unclear": "Thank you for your answer. We could not tell which of the times you mean.",
    "several": "Thank you for your answer. It fits more than one of the times.",
    "taken": "Thank you for your answer. The time that you chose is no longer free.",
    "not_offered": "Thank you for your answer. The time that you named is not one of those offered.",
    "untrusted": "Thank you for your answer. We could not make sure that it came from you.",
}


def _agreed(view: View) -> Words:
    few = 0 < len(view.others) <= NAMES_IN_HEADLINE
    headline = f"It is agreed: you meet {joined(view.others)}" if few else "It is agreed"
    if view.has_invitation:
        sentence = "The invitation is attached: accept it, and the meeting is in your calendar."
    else:
        sentence = "The meeting is in your calendar."
    return Words(headline, (sentence,), "Agreed")


def _ran_out(view: View) -> Words:
    sentences = (
        "Every time that was proposed has passed or is taken by now, and nothing was agreed.",
        "To go on, propose new times where you arranged this meeting.",
    )
    return Words(f"No time is left for “{view.title}”", sentences)


def _noted(view: View) -> Words:
    told = "This is noted." if view.is_organizer else f"{view.organizer} is told that none of the times suits you."
    return Words("Thank you for your answer", (told, "Should that change, your page still shows the times."))


def _none_suit(view: View) -> Words:
    sentences = (
        f"{view.about} was asked to choose and answered that none of the times is possible.",
        "To go on, propose other times where you arranged this meeting.",
    )
    return Words("None of the times suits", sentences)


def _declined(view: View) -> Words:
    sentence = "The meeting still stands in your calendar. Whether it takes place is for you to settle with them."
    return Words(f"{view.about} declined the invitation", (sentence,), "Agreed")


WORDS: dict[Kind, Callable[[View], Words]] = {
    Kind.ASK: _ask,
    Kind.REMINDER: _reminder,
    Kind.UNDERSTOOD: _understood,
    Kind.UNCLEAR: _unclear,
    Kind.AGREED: _agreed,
    Kind.RAN_OUT: _ran_out,
    Kind.NOTED: _noted,
    Kind.NONE_SUIT: _none_suit,
    Kind.DECLINED: _declined,
}
