"""What is said of one scenario, computed once: the app's first screen and the sheet show this."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tco import words
from tco.analysis.flips import flips
from tco.analysis.measures import Measures, measures
from tco.analysis.options import options
from tco.analysis.savings import values_of
from tco.analysis.sensitivity import tornado
from tco.analysis.simulation import Simulation, odds_of
from tco.analysis.thresholds import Target, reached
from tco.errors import InputError, TcoError
from tco.inputs import INPUTS, KEY_INPUTS, PRICE, PRICES, RATE, SLIDERS
from tco.market.policy import POLICY
from tco.model.breakeven import Breakeven, answered
from tco.model.ledger import Rack, curves, energy_of, rack
from tco.report.influence import ResponseCurve, levers, response_curves
from tco.report.live import Live, live
from tco.report.market_tables import Band, band, fair_rate, rate_curve
from tco.report.provenance import age_text, count_by_status, share_of_servers
from tco.report.ranges import stored
from tco.report.uncounted import Uncounted, uncounted
from tco.report.waterfall import SideCost, owning, renting, sticker
from tco.scenario import Resolved, Scenario
from tco.scenario.notes import notes
from tco.words import Odds, figures, remarks, tax_words
from tco.words.currencies import conversion, text_property
from tco.words.results import ENERGY_WORDS, RESULT_WORDS, SAME_COST, SAVED_LABELS, SAVED_NOTHING

if TYPE_CHECKING:
    import pandas as pd

# A row of a frame; a key figure: title, value, what stands under it, and its side.
Row = dict[Any, Any]
Figure = tuple[str, str, str, str]
# How many inputs are listed, and the dots of the odds.
INPUTS_LISTED, DOTS = 8, 20
# Futures of a ribbon.
_RIBBON = 512
# How many notes on values are read out.
_NOTES_READ = 3
# Key inputs beside those that have a slider.
_ASKED = tuple(name for name in KEY_INPUTS if name not in SLIDERS)
# What the key figures say, in the braces a number.
FIGURE_WORDS = {
    **{
        side: f"{word}: {figures.inside(RESULT_WORDS[f'{side}_npv_usd'].short)}"
        for side, word in (("own", "BUY"), ("rent", "RENT"))
    },
    "per_hour": "per busy GPU-hour",
    "owning_saves": SAVED_LABELS["buying"],
    "renting_saves": SAVED_LABELS["renting"],
    "tie": SAVED_LABELS["neither"],
    "nothing": SAVED_NOTHING,
    "same": SAME_COST,
    "per_gpu": "{} per GPU, present value",
    "payback": RESULT_WORDS["months"].short,
    "never": "never",
    "within": "within the holding period",
    "hours": "{} busy hours per GPU",
    "resale": "unless sold: cheaper from month {}",
    "rate": RESULT_WORDS["breakeven_rate_usd_per_gpu_hour"].short,
    "rate_now": "per GPU-hour; now {}",
    "use": RESULT_WORDS["breakeven_utilization"].short,
    "use_now": "now {}",
    "none": "none",
}
# What is said where no hour is busy.
NOTHING, IDLE = "Nothing to compare", "No busy hours."
_EXAMPLE = "This is an example: none of the inputs are yours yet."
_MISSING = {PRICE: "No purchase price found", RATE: "No rental price found"}
# What may bring a payback: a lower price, more use, a higher rate (so many times as high at most).
_WAYS, _FARTHEST = (PRICE, "utilization", RATE), 10
# How close to that is close enough for a sentence, and the parts of a search for it.
_CLOSE, _PARTS = 1e-3, 100


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Facts:
    """The results of one scenario; None for what is not known.

    `missing` names the price or rate that nobody gave and the catalog does not have; `problems`
    are the sentences of an input error. What takes longer is worked out when it is asked for.
    """

    scenario: Scenario
    as_of: str
    missing: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    answer: Breakeven | None = None
    sticker: Breakeven | None = None
    owning: SideCost | None = None
    fair_rate: float | None = None

    # -- The verdict

    @property
    def compared(self) -> Breakeven | None:
        """The answer that has a verdict: both prices are known, and there are busy hours."""
        return self.answer if self.fair_rate is not None else None

    @property
    def verdict(self) -> str:
        """buy, rent or toss_up; empty where there is no verdict."""
        return str(self.compared.verdict) if self.compared else ""

    @cached_property
    def simulation(self) -> Simulation | None:
        """The odds; None where there is no verdict or they are not known, see `no_odds`."""
        return odds_of(self.scenario)[0] if self.compared else None

    @property
    def no_odds(self) -> str:
        """Why a verdict has no odds; empty where it has."""
        return odds_of(self.scenario)[1] if self.compared else ""

    @property
    def chance_buy(self) -> float | None:
        """The share of the futures in which buying is cheaper."""
        return None if self.simulation is None else self.simulation.chance_buy

    @property
    def confidence(self) -> str:
        """high, medium or low; empty for a toss-up and without odds."""
        return "" if self.simulation is None else self.simulation.confidence

    @property
    def dots(self) -> str:
        """Equally likely futures, a full dot where buying is cheaper; empty without odds."""
        wins = self.simulation.dots(DOTS) if self.simulation else ()
        return "".join("●" if saving > 0 else "○" for saving in reversed(wins))

    @cached_property
    def paybacks(self) -> tuple[tuple[str, float], ...]:
        """What would bring a payback; none where there is one."""
        lost = self.answer is not None and self.answer.status in ("never", "reverses")
        return paybacks(self.scenario) if lost else ()

    # -- The same in words

    @property
    def headline(self) -> str:
        """The verdict in a word, and how sure it is; or that there is none."""
        if self.missing or self.problems:
            return "No verdict yet"
        if not self.compared:
            return NOTHING
        return self._named(words.headline(self.verdict, self.confidence))

    def _named(self, text: str) -> str:
        """The text, about keeping what is there already instead of buying it."""
        return words.of_owner(text, self.scenario.values())

    @text_property
    def sentences(self) -> tuple[str, ...]:
        """What follows the headline; its first sentence is the one to remember.

        Without a price or a rate they say what is lacking, without busy hours what owning costs.

        >>> facts_of(Scenario(gpu="L4", utilization=0.6)).sentences[0].split(", ")[0]
        'At 60 % utilization'
        """
        if self.missing:
            return tuple(
                f"{_MISSING[name]} as of {self.as_of}: {self.resolved[name].note}."
                for name in self.missing
            )
        if self.compared is None:
            if self.owning is None:
                return ()
            monthly = figures.whole_usd(self.owning.monthly_usd)
            return (f"{IDLE} Owning costs {monthly} a month, busy or idle.",)
        return verdict(self.compared, self.simulation, self.paybacks)[1:]

    @text_property
    def lead(self) -> str:
        """The first of the sentences, the one to remember: it needs neither odds nor paybacks.

        >>> found = facts_of(Scenario(gpu="L4", utilization=0.6))
        >>> found.lead == found.sentences[0]
        True
        """
        if self.compared is None:
            return next(iter(self.sentences), "")
        return verdict(self.compared, None)[1]

    @text_property
    def odds_line(self) -> str:
        """In how many futures buying wins, the median one, and what to check first.

        The last only where it is not said already.
        """
        if self.simulation is None:
            return ""
        first = self.simulation.check_first
        check = words.check_first(INPUTS[first].asked) if first else ""
        more = f"{check}." if check and check not in " ".join(self.sentences) else ""
        told = (words.futures(self.simulation.dots(DOTS)), self.simulation.median_future, more)
        return self._named(" ".join(filter(None, told)))

    @text_property
    def figures(self) -> list[Figure]:
        """The figures that the verdict rests on, or those of owning alone.

        >>> facts_of(Scenario(gpu="L4")).figures[0]
        ('BUY: cost of owning', '$0.585', 'per busy GPU-hour', 'buy')
        """
        usd, answer, own, said = figures.usd, self.compared, self.owning, FIGURE_WORDS
        if answer is None:
            if own is None:
                return []
            fair = "" if self.fair_rate is None else "per GPU-hour: renting wins below"
            return [
                (said["own"], _rate(own.usd_per_gpu_hour), said["per_hour"], "buy"),
                ("Owning, upfront", usd(own.upfront_usd), "hardware and installation", ""),
                ("Owning, per month", usd(own.monthly_usd), "on average, busy or idle", ""),
                (said["rate"], _rate(self.fair_rate), fair, ""),
            ]
        values = answer.scenario.values()
        rate, now = (INPUTS[name].written(values[name]) for name in (RATE, "utilization"))
        months, hours = said["never"], said["within"]
        if answer.status in ("breaks_even", "immediate"):
            months = figures.months_text(answer.months)
            hours = said["hours"].format(f"{answer.hours:,.0f}")
        elif answer.exit_months < math.inf:
            hours = said["resale"].format(figures.number(answer.exit_months))
        busy, saving = answer.breakeven_utilization, answer.npv_saving_usd
        per_gpu = said["per_gpu"].format(usd(abs(saving) / values["gpus"]))
        saves = self._named(said["owning_saves" if saving >= 0 else "renting_saves"])
        saved = (saves, usd(abs(saving)), per_gpu, "")
        if _is_tie(answer):
            saved = (said["tie"], said["nothing"], said["same"], "")
        use = INPUTS["utilization"].written(busy) if 0 <= busy <= 1 else said["none"]
        fair = _rate(answer.breakeven_rate_usd_per_gpu_hour)
        own_cost, rent_cost = answer.own_usd_per_gpu_hour, answer.rent_usd_per_gpu_hour
        return [
            (self._named(said["own"]), usd(own_cost), said["per_hour"], "buy"),
            (said["rent"], usd(rent_cost), said["per_hour"], "rent"),
            saved,
            (said["payback"], months, hours, ""),
            (said["rate"], fair, said["rate_now"].format(rate), ""),
            (said["use"], use, said["use_now"].format(now), ""),
        ]

    # -- What it rests on

    @text_property
    def notes(self) -> str:
        """What is odd about the values, in a few sentences; empty where nothing is.

        >>> facts_of(Scenario(gpu="L4", pue=2.5)).notes
        'Cooling (PUE): 2.5 is above the usual 1.15 to 1.8.'
        """
        found = tuple(notes(self.scenario).values())
        more = len(found) - _NOTES_READ
        last = f"Further notes in the CSV report: {more}." if more > 0 else ""
        return " ".join((*found[:_NOTES_READ], last)).strip()

    @text_property
    def resolved(self) -> dict[str, Resolved]:
        """Every input with its value, status, source and date."""
        return self.scenario.resolved()

    @property
    def key_inputs(self) -> str:
        """How many of the most telling inputs are defaults; the verdict says it of an example."""
        if self.scenario.is_example:
            return ""
        shown = (*_ASKED, *map(stored, self.levers))
        key, resolved = dict.fromkeys(shown), self.resolved
        defaults = sum(resolved[name].status not in ("yours", POLICY) for name in key)
        return f"{defaults} of {len(key)} key inputs are still defaults."

    @text_property
    def conditions(self) -> str:
        """What is compared and on which data, in a line."""
        resolved = self.resolved
        values = {name: entry.value for name, entry in resolved.items()}
        parts = (
            f"{figures.counted(values['gpus'], 'GPU')}{share_of_servers(self.scenario)}",
            INPUTS["horizon_months"].written(values["horizon_months"]),
            f"{figures.percent(values['discount_rate'])} discount rate",
            tax_words(values),
            f"data as of {values['as_of']}, {self.price_dates(with_ages=True)}",
            f"defaults: {count_by_status(self.scenario).partition(', ')[2]}",
        )
        return " · ".join(parts)

    @property
    def foundations(self) -> str:
        """How many inputs are the reader's, and of when the prices are; the same on any day."""
        servers = share_of_servers(self.scenario).strip(" ()")
        counted, dates = count_by_status(self.scenario), f"{self.price_dates()}"
        return " · ".join(part for part in (counted, dates, servers) if part)

    def price_dates(self, with_ages: bool = False) -> str:
        """Of when purchase price and rental rate are."""
        said = []
        for word, name in (("purchase price", PRICE), ("rental rate", RATE)):
            entry = self.resolved[name]
            age = f" ({age_text(entry.as_of, self.as_of)})" if with_ages and entry.as_of else ""
            said.append(f"{word} {entry.as_of or entry.status}{age}")
        return ", ".join(said)

    @property
    def energy(self) -> tuple[tuple[str, str], ...]:
        """What owning draws, and emits at a carbon intensity that is given: label and words.

        >>> [label for label, _ in facts_of(Scenario(gpu="L4", co2_kg_per_kwh=0.4)).energy]
        ['Energy of owning', 'Emissions of that energy']
        """
        if self.owning is None:
            return ()
        found = energy_of(self.scenario)
        told = {"energy_kwh": figures.energy_text(found.kwh_per_month, found.kwh)}
        if found.co2_kg is not None:
            told["co2_kg"] = figures.emissions_text(found.co2_kg)
        return tuple((ENERGY_WORDS[name].label, text) for name, text in told.items())

    @cached_property
    def measures(self) -> Measures | None:
        """The measures of finance; None where there is no verdict."""
        return measures(self.scenario) if self.compared else None

    @property
    def uncounted_parts(self) -> tuple[Uncounted, ...]:
        """What the model leaves out."""
        return uncounted(self.scenario.values())

    @property
    def uncounted(self) -> tuple[str, ...]:
        """The same in words, each with what stands in for it."""
        return tuple(one.told for one in self.uncounted_parts)

    # -- What charts show

    @cached_property
    def curves(self) -> pd.DataFrame | None:
        """Both sides' cumulative costs by month: `tco.curves()`."""
        return None if self.answer is None else curves(self.scenario)

    @cached_property
    def ribbon(self) -> pd.DataFrame | None:
        """The same in many futures: `Simulation.curves()`."""
        return None if self.simulation is None else self.simulation.curves(_RIBBON)

    @cached_property
    def renting(self) -> SideCost | None:
        """What renting costs, from the rate to the full cost of a busy hour."""
        return None if self.answer is None else renting(self.scenario)

    @text_property
    def live(self) -> Live | None:
        """The chart beside the sliders."""
        if self.answer is None or self.curves is None:
            return None
        return live(self.curves, self.answer, self.ribbon)

    @cached_property
    def rate_curve(self) -> pd.DataFrame | None:
        """The break-even rental rate by utilization."""
        return None if self.owning is None else rate_curve(self.scenario)

    @cached_property
    def band(self) -> Band | None:
        """Where offers lie."""
        return None if self.owning is None else band(self.scenario)

    @cached_property
    def rack(self) -> Rack | None:
        """How the servers fill racks; None where a rack holds none and nobody pays for racks."""
        try:
            return None if self.owning is None else rack(self.scenario)
        except InputError:
            return None

    # -- What matters, and where it would turn the answer

    @property
    def levers(self) -> tuple[str, ...]:
        """The sliders of the first screen, in an order that a move does not change."""
        return levers(self.scenario.values())

    @text_property
    def responses(self) -> dict[str, ResponseCurve]:
        """What buying saves over the range of each of them."""
        return response_curves(self.scenario, self.levers)

    @cached_property
    def matters(self) -> list[Row]:
        """The inputs that move this answer most, as rows of `tco.tornado()`."""
        if not self.compared:
            return []
        return tornado(self.scenario, count=INPUTS_LISTED).to_dict("records")

    @text_property
    def _flips(self) -> tuple[dict[str, list[Row]], str]:
        if not self.matters:
            return {}, ""
        try:
            frame = flips(self.scenario, only=[row["input"] for row in self.matters])
        except TcoError as unknown:
            return {}, f"No break-even values here: {unknown}"
        frame["far"] = (frame["flip"] - frame["value"]).abs()
        nearest = frame.sort_values("far", kind="stable").drop(columns="far")
        groups = nearest.groupby("input", sort=False)
        return {str(name): rows.to_dict("records") for name, rows in groups}, ""

    @property
    def flips(self) -> dict[str, list[Row]]:
        """The rows of `tco.flips` for what matters, by input, the nearest flip of each first."""
        return self._flips[0]

    @text_property
    def options(self) -> pd.DataFrame:
        """All ways to get the busy hours: `tco.options()`."""
        return options(self.scenario)

    @text_property
    def left_out(self) -> tuple[str, ...]:
        """Why odds or flips are not known; empty where they are."""
        return tuple(dict.fromkeys(why for why in (self.no_odds, self._flips[1]) if why))


def facts_of(scenario: Scenario) -> Facts:
    """All that can be said about a scenario; never an InputError, see `Facts.problems`.

    >>> facts_of(Scenario(gpu="RTX-PRO-4500", provider="lambda")).missing
    ('rate_usd_per_gpu_hour',)
    >>> facts_of(Scenario(gpu="L4", hosting="own_site", rack_kw=1)).problems[0].split(":")[0]
    'rack_kw = 1 holds no server (a full server draws 1.196 kW at peak)'
    """
    values = scenario.values()
    missing = tuple(name for name in PRICES if values[name] is None)
    known: dict[str, Any] = {"scenario": scenario, "as_of": values["as_of"], "missing": missing}
    if PRICE in missing:
        return Facts(**known)
    is_rented, is_busy = not missing, values["utilization"] > 0
    try:  # what has an answer has all the rest
        return Facts(
            **known,
            answer=answered(scenario) if is_rented else None,
            sticker=sticker(scenario) if is_rented else None,
            owning=owning(scenario),
            fair_rate=fair_rate(scenario) if is_busy else None,
        )
    except InputError as wrong:
        return Facts(**known, problems=tuple(problem.message for problem in wrong.problems))


def _is_tie(answer: Breakeven) -> bool:
    return words.same_cost(answer.npv_saving_usd, answer.own_npv_usd, answer.rent_npv_usd)


def _rate(value: float | None) -> str:
    return FIGURE_WORDS["none"] if value is None or value == math.inf else figures.usd(value)


def verdict(
    answer: Breakeven, simulation: Simulation | None, ways: Iterable[tuple[str, float]] = ()
) -> tuple[str, ...]:
    """The headline and every sentence after it; without a simulation nothing is said of odds.

    `ways` are values of inputs that would bring a payback.
    """
    values, rate = answer.scenario.values(), answer.scenario.resolved()[RATE]
    providers, borrowed = rate.fewest, bool(rate.borrowed)
    odds = chance = None
    if simulation is not None:
        chance, first = simulation.chance_buy, simulation.check_first
        low, _, high = simulation.npv_saving_usd_per_gpu
        odds = Odds(chance, low, high, simulation.dots(DOTS), INPUTS[first].asked if first else "")
    sure, plain = (
        words.confidence(answer.verdict, chance, *more)
        for more in ((providers, borrowed), (None, False))
    )
    paying = [INPUTS[name].spoken_at(at) for name, at in ways]
    told = words.sentences(values, vars(answer), answer.turn, odds, paying, answer.rates)
    if answer.status not in ("never", "reverses"):
        told.pop("payback", "")
    thin = ""
    if sure != plain and borrowed:
        thin = "The rental rate is borrowed from another GPU, so confidence is low."
    elif sure != plain and providers is not None:
        few = remarks.few_providers(providers, rate.discount_is_thinner, only=True)
        rate_is = f"The rental rate{':' if rate.discount_is_thinner else ''}"
        thin = f"{rate_is} {few}, so confidence is capped at medium."
    more = (
        remarks.idle_hours(values["billing"], values["utilization"], values["billing_overhead"]),
        converted(),
        thin,
        _EXAMPLE if answer.scenario.is_example else "",
    )
    headline = words.of_owner(words.headline(answer.verdict, sure), values)
    return tuple(text for text in (headline, *told.values(), *more) if text)


def converted() -> str:
    """At which rate amounts are shown, and that the model computes in USD; empty where they are so.

    >>> with figures.shown_in(figures.Conversion("EUR", 0.5, "2026-11-20")):
    ...     converted()
    'Amounts are converted at 0.5 EUR per USD as of 2026-11-20; the model computes in USD.'
    """
    found = conversion()
    return found.sentence if found else ""


def paybacks(scenario: Scenario) -> tuple[tuple[str, float], ...]:
    """The nearest values of a few inputs at which the purchase would pay back, nearest first.

    Each is inside its domain, the others held; none where no value brings a payback.

    >>> from tco.model.breakeven import breakeven
    >>> idle = Scenario(gpu="L4", utilization=0.2, price_usd_per_gpu=2_900)
    >>> name, value = paybacks(idle)[0]
    >>> breakeven(idle, **{name: value}).status
    'breaks_even'
    """
    import numpy as np

    values = values_of(scenario)
    ends = {name: (values[name], INPUTS[name].high) for name in _WAYS}
    ends[PRICE] = (INPUTS[PRICE].low, values[PRICE])
    ends[RATE] = (values[RATE], min(INPUTS[RATE].high, _FARTHEST * values[RATE]))
    grids = {name: np.linspace(*between, _PARTS + 1) for name, between in ends.items()}
    target = Target("payback_months", values["horizon_months"])
    found = []
    for name, way in reached(values, target, grids, _CLOSE, _PARTS).items():
        if way.stretch is not None:
            now = values[name]
            near = way.stretch.high if name == PRICE else way.stretch.low
            near = now if near is None else near
            found.append((abs(near / (now or near) - 1), name, near))
    return tuple((name, near) for _, name, near in sorted(found)[:2])
