"""All ways to get the busy hours: in words, as frames and stacks, what is left out and picked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tco.analysis.options import options_and_screening, options_of, what_if
from tco.finance.discounting import levelized
from tco.inputs import INPUTS, Inputs
from tco.inputs.labels import in_labels
from tco.market.catalogue import DATACENTER, SITE
from tco.model.cashflows import entries
from tco.model.items import GROUPS, LINES_GROUP, TAX_GROUP, group_of
from tco.model.periods import busy_hours
from tco.scenario import Scenario
from tco.words import VERDICT_WORDS
from tco.words.figures import capital, percent, rate_text, usd

if TYPE_CHECKING:
    import pandas as pd

# What an option is called, and what one does who takes it.
_CALLED = {
    "on_demand": ("On demand", "renting on demand"),
    "spot": ("Spot", "renting spot"),
    "committed_1yr": ("1-year commitment", "renting with a 1-year commitment"),
    "committed_3yr": ("3-year commitment", "renting with a 3-year commitment"),
    "committed_5yr": ("5-year commitment", "renting with a 5-year commitment"),
    "always_on": ("Always on", "renting on demand, always on"),
    "keep": ("Keep", "keeping them"),
    "buy_new": ("Buy new", "buying new"),
    "buy_used": ("Buy used", "buying used"),
    "lease": ("Lease", "leasing"),
    "loan": ("Loan", "buying with a loan"),
}
NAMES = {option: name for option, (name, _) in _CALLED.items()}
WORDS = {"own": VERDICT_WORDS["buy"], "rent": VERDICT_WORDS["rent"]}
SITES = INPUTS["hosting"].choice_words
SHORT_SITES = {site: INPUTS["hosting"].short_word(site) for site in SITES}
_ALL = ("option", "hosting")
_TERM = re.compile(rf", (?:{'|'.join(INPUTS['term'].choice_words.values())})\)")
_CODE = re.compile(rf"\b({'|'.join(NAMES)})(?: at ({'|'.join(SITES)}))?\b")


def standing(values: Mapping[str, Any], is_short: bool = False) -> str:
    """Where the hardware of a scenario stands, in words.

    >>> standing(Scenario(gpu="L4").values()), standing(Scenario(gpu="GMKtec-EVO-X2").values())
    ('colocation (metered)', 'own site (home)')
    """
    hosting, site = values["hosting"], values[SITE]
    called = INPUTS["hosting"].short_word(hosting) if is_short else SITES[hosting]
    is_usual = hosting != "own_site" or site == DATACENTER
    return called if is_usual else f"{called} ({INPUTS[SITE].word(site)})"


def named(option: str, hosting: str = "") -> str:
    """An option as charts and tables call it.

    >>> named("buy_used", "own_site"), named("committed_1yr")
    ('Buy used, own site', '1-year commitment')
    """
    return f"{NAMES[option]}, {SITES[hosting]}" if hosting else NAMES[option]


def doing(option: str, hosting: str = "") -> str:
    """An option in a sentence.

    >>> doing("buy_used", "own_site"), doing("always_on")
    ('buying used at your own site', 'renting on demand, always on')
    """
    _, what = _CALLED[option]
    return f"{what} {INPUTS['hosting'].choice_phrase(hosting)}" if hosting else what


def sided(option: str, side: str, hosting: str = "") -> tuple[str, str]:
    """The word of the side an option is on, and what follows it.

    >>> sided("buy_used", "own"), sided("spot", "rent")
    (('BUY', ' used'), ('RENT', ': Spot'))
    """
    name, word = named(option, hosting), WORDS[side]
    rest = name.removeprefix("Buy ")
    return word, f": {name}" if rest == name else f" {rest}"


def in_words(text: str) -> str:
    """A remark of `tco.options()` with options and inputs as a screen calls them.

    >>> in_words("costs $9 more than buy_used at own_site")
    'costs $9 more than Buy used, own site'
    >>> in_words("billing_overhead = 0.05 counts")
    '“Extra billed hours” = 5 % counts'
    """
    return in_labels(_CODE.sub(lambda found: named(found[1], found[2] or ""), text))


def stretches(lines: pd.DataFrame) -> list[tuple[dict[Any, Any], float, float]]:
    """Which option is the cheapest from which utilization to which [share], from left to right.

    `lines` is the frame of `tco.screening()`; an option is its first row.

    >>> from tco.analysis.options import screening
    >>> found = stretches(screening(gpu="RTX-4090"))
    >>> [(row["option"], round(low, 2), round(high, 2)) for row, low, high in found]
    [('spot', 0.0, 0.68), ('committed_3yr', 0.68, 1.0)]
    """
    found: list[tuple[dict[Any, Any], float, float]] = []
    best = lines[lines["cheapest"]].sort_values("utilization", kind="stable").to_dict("records")
    ends = [*(row["utilization"] for row in best[1:]), 1.0]
    for row, high in zip(best, ends, strict=True):
        if found and all(found[-1][0][name] == row[name] for name in _ALL):
            found[-1] = (*found[-1][:2], high)
        elif row["utilization"] < high:
            found.append((row, row["utilization"], high))
    return found


def finding(frame: pd.DataFrame, lines: pd.DataFrame, utilization: float) -> str:
    """What is cheapest as busy as the GPUs are, and what is at other utilizations.

    >>> from tco.analysis.options import options, screening
    >>> said = finding(options(gpu="RTX-4090", utilization=0.6), screening(gpu="RTX-4090"), 0.6)
    >>> said.partition(": ")[0]
    'At 60 % utilization, renting spot is cheapest'
    >>> said.partition(". ")[2]
    'Above 68 % utilization, renting with a 3-year commitment is cheapest.'
    """
    priced = frame[frame["status"] == "priced"]
    if priced.empty:
        return "Nothing to compare: no option has a price"
    best = priced.iloc[0]
    cost = f"{rate_text(best['usd_per_busy_gpu_hour'])} per busy GPU-hour"
    if not utilization:
        cost = f"{usd(best['usd_per_gpu_year'])} per GPU per year, with no busy hours"
    here = doing(best["option"], best["hosting"])
    said = f"At {percent(utilization)} utilization, {here} is cheapest: {cost}. "
    others = [
        part for part in stretches(lines) if any(part[0][name] != best[name] for name in _ALL)
    ]
    if not others:
        return f"{said}It is the cheapest at any utilization."
    unit, told = " utilization", []
    for row, low, high in others:
        told.append(
            f"{between(low, high)}{unit}, {doing(row['option'], row['hosting'])} is cheapest"
        )
        unit = ""
    return f"{said}{capital('; '.join(told))}."


def envelope_title(lines: pd.DataFrame) -> str:
    """Which option is cheapest up to which utilization.

    >>> from tco.analysis.options import screening
    >>> envelope_title(screening(gpu="RTX-4090"))
    'Renting spot is cheapest up to 68 % utilization, then renting with a 3-year commitment'
    """
    found = [(doing(row["option"], row["hosting"]), high) for row, _, high in stretches(lines)]
    first = f"{capital(found[0][0])} is cheapest"
    if len(found) == 1:
        return f"{first} at any utilization"
    between = "".join(f", {way} up to {percent(high)}" for way, high in found[1:-1])
    return f"{first} up to {percent(found[0][1])} utilization{between}, then {found[-1][0]}"


def stacks_title(stacks: pd.DataFrame) -> str:
    """What the cheapest option costs beside the cheapest of the other side [per busy hour]."""
    totals = stacks.groupby(["side", "option", "hosting"], sort=False)["usd_per_busy_gpu_hour"]
    ordered = totals.sum().sort_values(kind="stable").reset_index().drop_duplicates("side")
    said = [
        f"{doing(row['option'], row['hosting'])} costs {rate_text(row['usd_per_busy_gpu_hour'])}"
        for row in ordered.to_dict("records")
    ]
    return capital(f"{', '.join(said)} per busy hour")


def payback_note(frame: pd.DataFrame) -> str:
    """Against what the paybacks of options are; empty where none has one.

    >>> from tco.analysis.options import options
    >>> payback_note(options(gpu="L4", as_of="2026-11-28"))
    'Payback is discounted and measured against Spot.'
    """
    against = next((name for name in frame["payback_against"] if name), "")
    return f"Payback is discounted and measured against {in_words(against)}." if against else ""


def left_out(frame: pd.DataFrame) -> list[str]:
    """What is not compared, and why.

    >>> from tco.analysis.options import options
    >>> left_out(options(gpu="RTX-PRO-4500", provider="lambda"))[0].split(":")[0]
    'On demand; Spot; 1-year commitment; 3-year commitment; Always on'
    """
    reasons: dict[str, list[str]] = {}
    for row in frame[frame["status"] == "missing"].to_dict("records"):
        why = in_labels(_TERM.sub(")", row["why_not"]))  # the same for all terms
        names = reasons.setdefault(why, [])
        names.append(named(row["option"], row["hosting"]))
    told = []
    for why, names in reasons.items():
        # An option that lacks the same at every site is named once.
        plain = [name.partition(", ")[0] for name in names]
        short = (
            option if plain.count(option) == len(SITES) else name
            for option, name in zip(plain, names, strict=True)
        )
        told.append(f"{'; '.join(dict.fromkeys(short))}: {why}")
    return told


def between(low: float, high: float) -> str:
    """A range of utilizations [shares].

    >>> between(0, 0.4), between(0.4, 0.6), between(0.4, 1), between(0, 1)
    ('below 40 %', 'from 40 % to 60 %', 'above 40 %', 'at any')
    """
    if low <= 0 and high >= 1:
        return "at any"
    if low <= 0:
        return f"below {percent(high)}"
    return f"above {percent(low)}" if high >= 1 else f"from {percent(low)} to {percent(high)}"


def decided(scenario: Scenario, frame: pd.DataFrame) -> list[tuple[str, str]]:
    """The options that are the two sides of a scenario, owning first: they change nothing in it.

    >>> from tco.analysis.options import options
    >>> decided(Scenario(gpu="L4"), options(gpu="L4"))
    [('buy_new', 'colo_metered'), ('on_demand', '')]
    """
    values = scenario.values()
    ordered = frame[frame["status"] != "missing"].sort_values("side", kind="stable")
    listed = zip(ordered["option"], ordered["hosting"], strict=True)
    return [way for way in listed if what_if(scenario, way[0], way[1] or None).values() == values]


@dataclass(frozen=True, eq=False)
class Comparison:
    """What the Options page shows of one scenario: frames, the finding, and what it rests on.

    `frame` and `lines` are `tco.options()` and `tco.screening()`, `stacks` is `stacks_frame()`;
    `winner` is the row of the cheapest option, None where nothing has a price.
    """

    frame: pd.DataFrame
    lines: pd.DataFrame
    stacks: pd.DataFrame
    winner: dict[Any, Any] | None
    finding: str


def compared(scenario: Scenario) -> Comparison:
    """All ways to get the busy hours of one scenario, compared; InputError for a table.

    >>> compared(Scenario(gpu="L4", utilization=0.6)).finding.startswith("At 60 % utilization, ")
    True
    """
    frame, lines = options_and_screening(scenario)
    priced = frame[frame["status"] == "priced"]
    winner = priced.iloc[0].to_dict() if len(priced) else None
    said = finding(frame, lines, scenario.values()["utilization"])
    return Comparison(frame, lines, stacks_frame(scenario, frame), winner, said)


def stacks_frame(scenario: Scenario, frame: pd.DataFrame) -> pd.DataFrame:
    """What a busy hour of each option is made of, each way of owning at its cheapest site.

    Columns: option, side, hosting, group, usd_per_busy_gpu_hour [USD, present value over discounted
    busy hours]. The groups of an option add up to its cost in `frame`, that of `tco.options()`.
    Empty without busy hours.

    >>> from tco.analysis.options import options
    >>> asked = Scenario(gpu="L4", utilization=0.6)
    >>> total = stacks_frame(asked, options(asked)).groupby("option")["usd_per_busy_gpu_hour"].sum()
    >>> listed = options(asked).drop_duplicates("option").set_index("option")
    >>> bool(abs(total["spot"] / listed.loc["spot", "usd_per_busy_gpu_hour"] - 1) < 1e-9)
    True
    """
    import pandas as pd

    columns = ["option", "side", "hosting", "group", "usd_per_busy_gpu_hour"]
    shown = cheapest_sites(frame) if scenario.values()["utilization"] else []
    found = {(option.option, option.hosting): option for option in options_of(scenario)}
    rows: list[tuple[Any, ...]] = []
    for row in shown:
        v, side = Inputs.of(found[row["option"], row["hosting"]].values), row["side"]
        hours = busy_hours(v)
        present = dict.fromkeys((*GROUPS[side], LINES_GROUP, TAX_GROUP), 0.0)
        for item, _, _, _, value in entries(v, side):
            present[group_of(side, item)] += float(value)
        for group, value in present.items():
            if value:
                cost = float(levelized(value, hours))
                rows.append((row["option"], side, row["hosting"], group, cost))
    return pd.DataFrame(rows, columns=columns)


def cheapest_sites(frame: pd.DataFrame) -> list[dict[Any, Any]]:
    """The rows of `tco.options()` that have a price, of each option the cheapest, in their order.

    >>> from tco.analysis.options import options
    >>> [row["option"] for row in cheapest_sites(options(gpu="L4", utilization=0.6))][:2]
    ['buy_used', 'loan']
    """
    priced = frame[frame["status"] == "priced"]
    return list(priced.drop_duplicates("option").to_dict("records"))


def lines_table(lines: pd.DataFrame) -> pd.DataFrame:
    """The frame of `tco.screening()` for a screen: a row for each option, a column a utilization.

    >>> from tco.analysis.options import screening
    >>> lines_table(screening(gpu="RTX-4090")).columns.tolist()
    ['option', 'at 0 %', 'at 68 %', 'at 100 %']
    """
    busy = [f"at {percent(share)}" for share in lines["utilization"]]
    return _wide(lines.assign(busy=busy), "busy", "usd_per_gpu_year")


def stacks_table(stacks: pd.DataFrame) -> pd.DataFrame:
    """The frame of `stacks_frame()` for a screen: a row for each option, a column a group.

    >>> from tco.analysis.options import options
    >>> asked = Scenario(gpu="H100-SXM", utilization=0.6)
    >>> stacks_table(stacks_frame(asked, options(asked)))["option"].tolist()[0]
    'Spot'
    """
    shown = _wide(stacks, "group", "usd_per_busy_gpu_hour")
    shown.insert(1, "total", shown.drop(columns="option").sum(axis=1))
    return shown


def _wide(frame: pd.DataFrame, column: str, value: str) -> pd.DataFrame:
    """A row for each option and a column for each of something else, both in their order."""
    names = [named(*way) for way in zip(frame["option"], frame["hosting"], strict=True)]
    table = frame.assign(option=names).pivot_table(value, "option", column, aggfunc="last")
    rows, columns = (list(dict.fromkeys(listed)) for listed in (names, frame[column]))
    ordered = table.reindex(index=rows, columns=columns)
    return ordered.rename_axis(columns=None).reset_index()


def currency_note(scenario: Scenario) -> str:
    """At which rate its amounts are shown, where it asks for another currency; else empty.

    >>> currency_note(Scenario(currency="EUR", fx_rate=0.9, fx_as_of="2026-11-20"))
    'Amounts are converted at 0.9 EUR per USD as of 2026-11-20; the model computes in USD.'
    """
    found = scenario.conversion
    return found.sentence if found else ""
