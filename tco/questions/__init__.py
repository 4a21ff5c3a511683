"""What other programs ask: every question once, with what it takes and the document it answers.

>>> from tco.questions import QUESTIONS
>>> found = QUESTIONS["breakeven"].of_texts({"gpu": "L4", "utilization": "60%"})
>>> found.document["results"]["verdict"]
'buy'
"""

from __future__ import annotations

from tco.questions import decisions, fleets, markets, scenarios, work
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

# By name, in the order in which a reader meets them.
QUESTIONS = {
    one.name: one
    for of_topic in (scenarios, work, fleets, markets, decisions)
    for one in of_topic.QUESTIONS
}
