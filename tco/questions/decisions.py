"""The question whether a decision on record still holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tco.errors import InputError, Problem
from tco.questions.answer import Answered, Question, data_of
from tco.questions.asked import TEXT, Asked
from tco.words import headline

if TYPE_CHECKING:
    from tco.analysis.recheck import Recheck
    from tco.scenario import Scenario


def of_recheck(found: Recheck) -> Answered:
    """The answer of a check that was made."""
    scenario = found.now.scenario
    return Answered(
        catalogue=scenario.catalogue,
        conversion=scenario.conversion,
        scenario=scenario,
        content={"sentence": found.sentence, **found.to_dict()},
        frames={"moves": found.to_frame()},
        sentences=(found.sentence, headline(found.verdict, found.confidence)),
    )


def _recheck(scenario: Scenario, asked: dict[str, Any]) -> Answered:
    from tco.analysis.decision import Decision
    from tco.analysis.recheck import recheck

    try:
        record = Decision.from_json(asked["record"])
    except InputError as wrong:  # it is called a decision in Python
        problems = [Problem("record", problem.message) for problem in wrong.problems]
        raise InputError(problems) from None
    return of_recheck(recheck(record, **data_of(scenario.catalogue)))


QUESTIONS = (
    Question(
        name="recheck",
        summary="Whether a recorded decision still holds on today's data.",
        answer=_recheck,
        takes=(Asked("record", TEXT, "the record of tco decide, as JSON", needed=True),),
        of_scenario=False,
        tables=("moves",),
    ),
)
