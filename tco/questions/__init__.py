"""What other programs ask: every question once, with what it takes and the document it answers.

>>> from tco.questions import QUESTIONS
>>> found = QUESTIONS["breakeven"].of_texts({"gpu": "L4", "utilization": "60%"})
>>> found.document["results"]["verdict"]
'buy'
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module

from tco.questions.answer import Answered, Question, data_of, document, inputs_of, records, stamped
from tco.questions.asked import Asked

__all__ = [
    "QUESTIONS",
    "Answered",
    "Asked",
    "Question",
    "data_of",
    "document",
    "inputs_of",
    "records",
    "stamped",
]

# The names of the questions by their topic, a module of this package, in the order in which a
# reader meets them.
_TOPICS = {
    "scenarios": (
        *("breakeven", "report", "ledger", "options", "flips", "tornado", "stress", "simulate"),
        *("measures", "win_map", "rack"),
    ),
    "work": (
        *("models", "fit", "speed", "work", "substitutes", "compare_api", "serverless"),
        *("successor", "other_work", "training"),
    ),
    "fleets": ("fleet",),
    "markets": ("inputs", "gpus", "rates", "offers", "history"),
    "decisions": ("recheck",),
}


class _Questions(Mapping[str, Question]):
    """Every question by its name; a topic is loaded when one of its questions is asked."""

    def __getitem__(self, name: str) -> Question:
        topic = next((topic for topic, names in _TOPICS.items() if name in names), None)
        if topic is None:
            raise KeyError(name)
        return _of_topic(topic)[name]

    def __iter__(self) -> Iterator[str]:
        return (name for names in _TOPICS.values() for name in names)

    def __len__(self) -> int:
        return sum(map(len, _TOPICS.values()))


@cache
def _of_topic(topic: str) -> dict[str, Question]:
    questions: tuple[Question, ...] = import_module(f"tco.questions.{topic}").QUESTIONS
    return {one.name: one for one in questions}


QUESTIONS: Mapping[str, Question] = _Questions()
