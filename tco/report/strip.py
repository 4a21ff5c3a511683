"""The answer in one line, as it stays in view: what it says now, and what it says elsewhere."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tco import words
from tco.errors import TcoError
from tco.inputs import INPUTS
from tco.model.items import GROUPS, OWN, group_of
from tco.model.ledger import ledger_rows
from tco.report.facts import FIGURE_WORDS, Facts
from tco.scenario import Scenario
from tco.words import currencies, figures

# Where nothing is known.
NONE = "–"
# What of owning is power, cooling, and the place where the hardware stands.
_PLACE = frozenset({GROUPS[OWN][2], GROUPS[OWN][3]})


@dataclass(frozen=True)
class Strip:
    """What the strip says: the verdict and its side, unit costs, what is saved, one sentence.

    `saved` is what stands before an amount, the amount, and what stands behind it.
    """

    side: str
    word: str
    confidence: str
    own: str
    rent: str
    saved: tuple[str, str, str]
    sentence: str


def strip(facts: Facts) -> Strip:
    """The strip of a scenario; without a verdict it says what is lacking and what owning costs.

    >>> from tco.report.facts import facts_of
    >>> found = strip(facts_of(Scenario(gpu="L4", utilization=0.9)))
    >>> found.word, found.saved[0], found.saved[2], found.sentence.partition(",")[0]
    ('BUY', 'buying saves', 'per GPU', 'At 90 % utilization')
    """
    word, _, confidence = facts.headline.partition(" · ")
    answer, own = facts.compared, facts.owning
    sentence = facts.lead
    if answer is None:
        sentence += "".join(f" Enter the {INPUTS[name].phrase}." for name in facts.missing)
        rate = None if own is None else own.usd_per_gpu_hour
        saved = ("", "", "")
        if facts.fair_rate is not None:
            saved = (
                figures.inside(FIGURE_WORDS["rate"]),
                figures.usd(facts.fair_rate),
                "per GPU-hour",
            )
        return Strip("", word, "", _usd(rate), NONE, saved, sentence)
    costs = (answer.own_usd_per_gpu_hour, answer.rent_usd_per_gpu_hour)
    values, saving = answer.scenario.values(), answer.npv_saving_usd
    is_same = words.same_cost(saving, answer.own_npv_usd, answer.rent_npv_usd)
    case = words.saving_case(facts.verdict, 0 if is_same else saving)
    said = words.of_owner(words.SAVINGS[case], values)
    saved = (said, "", "per GPU")
    if "{}" in said:
        saved = (
            said.removesuffix(" {}"),
            figures.whole_usd(abs(saving) / values["gpus"]),
            saved[2],
        )
    own_text, rent_text = map(_usd, costs)
    return Strip(facts.verdict, word, confidence, own_text, rent_text, saved, sentence)


def markup(told: Strip) -> str:
    """The strip as HTML; only its own text stands in it.

    >>> from tco.report.facts import facts_of
    >>> "would pay <b>$" in markup(strip(facts_of(Scenario(gpu="L4"))))
    True
    """

    def part(name: str, text: str, tag: str = "span") -> str:
        return f"<{tag} data-tco='{name}'>{html.escape(text)}</{tag}>"

    saves, saving, per = told.saved
    pieces = _amounts().split(told.sentence)
    sentence = "".join(
        f"<b>{html.escape(piece)}</b>" if at % 2 else html.escape(piece)
        for at, piece in enumerate(pieces)
    )
    return (
        f"<section class='tco-strip {told.side}' role='status' aria-live='polite'>"
        f"<p class='tco-head'>{part('word', told.word, 'strong')} "
        f"{part('confidence', told.confidence)}</p>"
        f"<p class='tco-costs'><span>Owning {part('own', told.own, 'b')}</span> "
        f"<span>Renting {part('rent', told.rent, 'b')}</span> "
        "<small>per busy GPU-hour</small></p>"
        f"<p class='tco-saved'>{part('saves', saves)} {part('saving', saving, 'b')} "
        f"<small>{html.escape(per)}</small></p>"
        f"<p class='tco-sentence' data-tco='sentence'>{sentence}</p></section>"
    )


def converted_markup(scenario: Scenario) -> str:
    """At which rate amounts are converted, as HTML; an empty place for it where they are not.

    >>> converted_markup(Scenario())
    "<p class='tco-converted'></p>"
    """
    found = scenario.conversion
    return f"<p class='tco-converted'>{html.escape(found.sentence) if found else ''}</p>"


def _amounts() -> re.Pattern[str]:
    """Amounts of the currency shown, in a sentence."""
    return re.compile(rf"(−?{re.escape(currencies.sign())}[\d.,]*\d[kMBT]?)")


def _usd(amount: float | None) -> str:
    return NONE if amount is None or amount == float("inf") else figures.usd(amount)


def phrases(values: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The words of every answer, for who writes the strip while a slider moves.

    By verdict, by what is saved, and the sentence by what is the case, with braces for numbers.

    >>> phrases({"already_owned": True})["verdicts"]["buy"]
    'KEEP'
    """
    said = {
        "verdicts": words.VERDICT_WORDS,
        "savings": words.SAVINGS,
        "sentences": words.RATE_SENTENCES,
    }
    return {
        name: {key: words.of_owner(text, values) for key, text in table.items()}
        for name, table in said.items()
    }


def money() -> dict[str, str | int]:
    """How amounts of the currency shown are written, for who writes some in the page.

    >>> money()
    {'code': 'USD', 'sign': '$', 'places': 2}
    """
    places = currencies.decimals() and 2
    return {"code": currencies.code(), "sign": currencies.sign(), "places": places}


def place_share(scenario: Scenario) -> float | None:
    """How much of the cost of owning, before resale, is power, cooling and the place.

    Present values; None where it is not known.

    >>> 0 < place_share(Scenario(gpu="L4")) < 0.5
    True
    """
    try:
        rows = ledger_rows(scenario, OWN)
    except TcoError:
        return None
    place = everything = 0.0
    for _, item, _, _, _, present in rows:
        everything += max(present, 0.0)
        place += present if group_of(OWN, item) in _PLACE else 0.0
    return place / everything if everything else None
