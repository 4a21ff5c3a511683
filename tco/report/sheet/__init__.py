"""The decision sheet: HTML for the person who decides, a page of paper and its notes.

Facts are put into the words of `sheet.html.j2` and the drawing of `curve.svg.j2`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any, NamedTuple

from tco.errors import InputError, Problem
from tco.inputs import INPUTS, PRICES
from tco.market.catalogue import ASSUMPTION, Catalogue
from tco.model.breakeven import one_scenario
from tco.report import own_lines
from tco.report.csv import versions
from tco.report.drawing import DARK, LIGHT
from tco.report.facts import Facts, Row, facts_of
from tco.report.finance_tables import year_labels, years_rows
from tco.report.market_tables import web
from tco.report.option_tables import (
    NAMES,
    SITES,
    decided,
    left_out,
    named,
    payback_note,
    standing,
)
from tco.report.provenance import old_data
from tco.report.sheet.cost_curve import curve
from tco.report.sheet.sliders import sliders_of
from tco.report.waterfall import FULL
from tco.report.ways import why_not
from tco.scenario import Resolved, Scenario
from tco.scenario.link import too_long
from tco.version import __version__
from tco.words import currencies, of_owner, tax_words
from tco.words.currencies import beside, shown_by_default
from tco.words.figures import number, percent, rate_text, short_usd, step_text, usd
from tco.words.glossary import GLOSSARY
from tco.words.titles import waterfall_title

if TYPE_CHECKING:
    from jinja2 import Environment

# Of the same widths, so that a page breaks alike wherever one of them is.
FONTS = 'Arial, Helvetica, "Liberation Sans", "Nimbus Sans", sans-serif'
# What no text of a page may hold: characters that HTML forbids.
_FORBIDDEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_OPTIONS_LISTED, _SOURCES_LISTED, _LINES_LISTED = 12, 14, 4
# What paper holds [mm]: room for what varies; what the answer takes at least, beside its chart;
# what stands around the notes on prices, the sources and a list of own lines; a row of a table
# without its text. Then the text of a part: how high a line is [mm], and about how many characters.
_ROOM, _CHART, _PRICES, _SOURCES, _OWN, _ROW = 128.0, 40.0, 4.5, 6.5, 17.0, 0.8
_ANSWER, _CELL, _NOTE, _STEP = (3.65, 72), (3.1, 66), (2.9, 50), (3.1, 66)
# What stands around the steps from a price to a cost, and what they leave the options at least;
# what the options take that are always listed, and the sources that stay for them.
_STEPS_AROUND, _OPTIONS_AT_LEAST, _ALWAYS, _SOURCES_AT_LEAST = 6.5, 6.0, 12.0, 6
# The measures of the line under the key figures.
_MEASURED = (
    *("npv_saving_usd", "irr", "mirr", "own_usd_per_year", "rent_usd_per_year"),
    *("net_advantage_to_leasing_usd", "lease_effective_rate"),
)
_LONGEST_SOURCE, _LONGEST_NOTE = 64, 220
_NOTHING, _NO_FLIP = "–", "no break-even in range"


def page(scenario: Scenario, link: str = "") -> str:
    """The decision sheet of one scenario as an HTML document: an A4 page, and its notes on another.

    It needs no network, and is the same text for the same scenario and data. In a browser that runs
    scripts six sliders move its answer, chart and key figures (`tco.report.sheet.sliders`); on
    paper, and without scripts, it is the page without them.
    `link` is the address of the app with the scenario, or only its query string ("?v=1&…"); what
    is no web address is shown as text. Without SciPy the odds are left out, and it says so.
    Amounts are in the scenario's currency, at the rate that it says. InputError for a table of
    scenarios, and for inputs that cannot be combined.

    >>> sheet = page(Scenario(gpu="L4"))
    >>> sheet.startswith("<!doctype html>"), "http" in sheet.partition("<script>")[2]
    (True, False)
    """
    if scenario.is_table:
        raise one_scenario("the decision sheet")
    with shown_by_default(scenario.conversion):
        facts = facts_of(scenario)
        if facts.problems:
            raise InputError([Problem("scenario", message) for message in facts.problems])
        return templates().get_template("sheet.html.j2").render(_shown(facts, link))


@lru_cache(maxsize=1)
def templates() -> Environment:
    """The templates of this folder, in which whatever is text is escaped.

    >>> templates().from_string("<p>{{ words }}").render(words="=1+1 <b>")
    '<p>=1+1 &lt;b&gt;'
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    def allowed(content: Any) -> Any:
        return content if hasattr(content, "__html__") else _FORBIDDEN.sub("", str(content))

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        auto_reload=False,
        finalize=allowed,
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters["script"] = Markup
    environment.filters["at"] = "{:.1f}".format
    environment.globals |= {"light": LIGHT, "dark": DARK, "fonts": Markup(FONTS)}
    return environment


def _shown(facts: Facts, link: str) -> dict[str, Any]:
    """What the template shows, by the names in it."""
    values, catalogue = facts.scenario.values(), facts.scenario.catalogue
    answer, curves = facts.compared, facts.curves
    # The sources of the inputs that matter most, and of both prices.
    sourced = dict.fromkeys([*(row["input"] for row in facts.matters), *PRICES])
    known = references((facts.resolved[name] for name in sourced), catalogue)
    held, used = (INPUTS[name].written(values[name]) for name in ("horizon_months", "utilization"))
    subject = " · ".join(
        (
            *(standing(values), "{held}", "{use} utilization"),
            *(f"{percent(values['discount_rate'])} discount rate", tax_words(values)),
        )
    )
    shown = {
        "title": f"Rent or buy {values['gpus']:,} × {values['gpu']}?",
        "subject": subject.format(held=held, use=used),
        "values": values,
        "headline": facts.headline,
        "side": facts.verdict,
        "lead": " ".join([*facts.sentences, facts.notes, old_data(facts.scenario)]).strip(),
        "odds": facts.odds_line,
        "dots": facts.dots,
        "conditions": facts.foundations,
        "left_out": facts.left_out,
        "figures": facts.figures,
        "curve": None if answer is None or curves is None else curve(curves, answer),
        "inputs": [_influence(facts, row, known) for row in facts.matters],
        "lines": [_line(line) for line in own_lines.told(facts.scenario)[:_LINES_LISTED]],
        "more_lines": max(0, len(facts.scenario.lines) - _LINES_LISTED),
        "uncounted": facts.uncounted_parts,
        "glossary": {word: of_owner(said, values) for word, said in GLOSSARY.items()},
        "in_finance": _in_finance(facts),
        "years": _years(facts),
        "sliders": sliders_of(facts, subject),
        "prices_found": [
            (price, _shortened(facts.resolved[name].note, _LONGEST_NOTE))
            for price, name in zip(("Purchase price", "Rental rate"), PRICES, strict=True)
            if facts.resolved[name].note
        ],
        "sources": list(known.values())[:_SOURCES_LISTED],
        "link": link,
        "saves": of_owner("Saving from buying", values),
        "no_link": "" if link else too_long(facts.scenario),
        "amounts": currencies.headed("amounts in USD"),
        "version": __version__,
        "stamps": versions(catalogue),
        "data": catalogue.label,
        "tax": tax_words(values),
    }
    sources = _fitting(shown)
    shown |= {"sources": sources, "more_sources": len(known) - len(sources)}
    room, steps = _room(shown), _steps(facts)
    wanted = _STEPS_AROUND + max(map(_steps_height, steps), default=0.0)
    if room - wanted < _OPTIONS_AT_LEAST:  # the options come first
        steps, wanted = [], 0.0
    options = listed(facts, room - wanted if steps else room)
    remarks = " ".join(_remarks(facts, options))
    return {**shown, "steps": steps, "options": options, "options_notes": remarks}


def _in_finance(facts: Facts) -> list[tuple[str, str]]:
    """The measures that finance asks for, and the energy of owning: label and words."""
    if facts.measures is None:
        return list(facts.energy)
    rows = {row.name: (row.label, row.text) for row in facts.measures.rows}
    rows["irr"] = (rows["irr"][0], facts.measures.irr_text)
    return [*(rows[name] for name in _MEASURED if name in rows), *facts.energy]


def _years(facts: Facts) -> list[tuple[str, ...]]:
    """Cash by year: the heads of its columns, then its rows; empty without a verdict."""
    if facts.measures is None:
        return []
    rows = [(year.label, *year[2:]) for year in years_rows(facts.measures)]
    return [tuple(year_labels(facts.measures).values()), *rows]


def _steps(facts: Facts) -> list[tuple[str, list[tuple[str, str]]]]:
    """The way from a price to the full cost of a busy hour, of each side: what it leads to, steps.

    >>> (card, _), (rate, steps) = _steps(facts_of(Scenario(gpu="L4")))
    >>> rate.partition(",")[0], steps[0], steps[-1][1]
    ('The rate is $0.598 per hour', ('$0.598', 'rental rate'), 'full cost')
    """
    told = []
    for cost in (facts.owning, facts.renting):
        if cost is None or not cost.steps or cost.usd_per_gpu_hour is None:
            continue
        first, full = cost.steps[0][1], cost.usd_per_gpu_hour
        steps = [(step_text(usd, not at), name) for at, (name, usd) in enumerate(cost.steps)]
        steps.append((f"= {step_text(full, True)}", FULL))
        told.append((waterfall_title(cost.side, first, full), steps))
    return told


def _steps_height(told: tuple[str, list[tuple[str, str]]]) -> float:
    """How high the steps of a side are on paper [mm], below their heading."""
    return _height(_STEP, "  ".join(f"{amount} {name}" for amount, name in told[1]))


def _line(line: own_lines.Told) -> dict[str, str]:
    """One of the user's own lines."""
    present = line.present_value_usd
    amount = _NOTHING if present is None else usd(present)
    return {"name": line.name, "side": line.side, "words": line.words, "present_value": amount}


# --- The inputs that matter most, and their sources


def _influence(facts: Facts, row: Row, known: dict[str, Reference]) -> dict[str, str]:
    """One input of the list: its name, value, flip, range and status."""
    name, entry = row["input"], facts.resolved[row["input"]]
    flip, note = _flip(name, facts.flips.get(name, []))
    return {
        "words": INPUTS[name].label,
        "unit": beside(INPUTS[name].shown_unit.removeprefix("%")).strip(),
        "value": _short(name, row["value"]),
        "flip": flip,
        "flip_note": note,
        "ends": f"{_short(name, row['low'])} to {_short(name, row['high'])}",
        "saved": f"{short_usd(row['saving_low_usd'])} to {short_usd(row['saving_high_usd'])}",
        "status": " ".join(filter(None, [entry.status, entry.as_of, marks(entry, known)])),
    }


def _short(name: str, value: float) -> str:
    """A value without the unit that stands beside it, but for the currency and %."""
    unit = INPUTS[name].shown_unit.removeprefix("%")
    return INPUTS[name].written(value).removesuffix(unit).strip()


def _flip(name: str, rows: list[Row]) -> tuple[str, str]:
    """The flips of an input, the nearest first, and the note of the nearest."""
    if not rows:
        return "", "not known"
    note: str = rows[0]["note"]
    found = [row["flip"] for row in rows if not math.isnan(row["flip"])]
    if not found:
        return "none", note.removeprefix(_NO_FLIP).removeprefix("; ")
    flips = " and ".join(_short(name, flip) for flip in found[:2])
    return flips, note.replace("outside low to high", "outside")


class Reference(NamedTuple):
    """One source in short form; `url` is empty where it has no page."""

    number: int
    words: str
    date: str
    url: str


def references(entries: Iterable[Resolved], catalogue: Catalogue) -> dict[str, Reference]:
    """The sources of some inputs by id, numbered in the order in which they are named.

    >>> scenario = Scenario(gpu="L4")
    >>> found = references([scenario.resolved()["pue"]], scenario.catalogue)
    >>> [(one.number, one.words[:14], one.date) for one in found.values()]
    [(1, 'The Free Sheet', 'published 2026-01-19')]
    """
    ids = dict.fromkeys(one for entry in entries for one in entry.source_id.split())
    ids.pop(ASSUMPTION, None)
    found = {}
    for at, source_id in enumerate(ids, 1):
        source = catalogue.sources[source_id]
        published, words = source.published, _shortened(source.cited, _LONGEST_SOURCE)
        date = f"published {published}" if published else f"accessed {source.accessed}"
        found[source_id] = Reference(at, words, date, web(source.url))
    return found


def marks(entry: Resolved, known: dict[str, Reference]) -> str:
    """The numbers of an input's sources in brackets; empty where it has none.

    >>> scenario = Scenario(gpu="L4")
    >>> rate = scenario.resolved()["rate_usd_per_gpu_hour"]
    >>> marks(rate, references([rate], scenario.catalogue))
    '[1–5]'
    """
    numbers = sorted(known[one].number for one in entry.source_id.split() if one in known)
    # Numbers that follow each other are as far from their places in the list.
    runs = [list(run) for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0])]
    said = [f"{run[0][1]}–{run[-1][1]}" if len(run) > 1 else f"{run[0][1]}" for run in runs]
    return f"[{', '.join(said)}]" if said else ""


def _shortened(content: str, longest: int) -> str:
    """Text of at most so many characters.

    >>> _shortened("a long note", 7), _shortened("short", 7)
    ('a long…', 'short')
    """
    flat = " ".join(content.split())
    return flat if len(flat) <= longest else f"{flat[: longest - 1].rstrip()}…"


# --- All options


def listed(facts: Facts, room: float = math.inf) -> list[dict[str, Any]]:
    """The cheapest options that paper has room for [mm], cheapest first.

    The cheapest, with which the others are compared, and both sides of the verdict always are.
    """
    compared = set(decided(facts.scenario, facts.options)) if facts.compared else set()
    priced = facts.options[facts.options["status"] == "priced"].to_dict("records")
    sides = [at for at, row in enumerate(priced) if (row["option"], row["hosting"]) in compared]
    every = [_listed(row, priced[0], at in sides) for at, row in enumerate(priced)]
    heights = [_ROW + _height(_CELL, option["why_not"]) for option in every]
    kept = {*sides, *range(len(every[:1]))}
    for at in range(min(len(every), _OPTIONS_LISTED)):
        more = kept | {at}
        if len(more) > _OPTIONS_LISTED or sum(heights[one] for one in more) > room:
            break
        kept = more
    return [every[at] for at in sorted(kept)]


def _room(shown: Mapping[str, Any]) -> float:
    """How much of a page of paper the rest leaves for the rows of the options [mm]."""
    answer = _height(_ANSWER, shown["lead"], shown["odds"])
    prices = _height(_NOTE, *(f"{price}: {note}" for price, note in shown["prices_found"]))
    sources = _height(_NOTE, *(f"{one.words}, {one.date}" for one in shown["sources"]))
    lines = _OWN + len(shown["lines"]) * (_ROW + _CELL[0]) if shown["lines"] else 0.0
    notes = max(_PRICES + prices, _SOURCES + sources / 2)
    return _ROOM - max(_CHART, answer) - lines - notes


def _fitting(shown: Mapping[str, Any]) -> list[Reference]:
    """The sources that leave room for the options that are always listed, a few at least."""
    sources: list[Reference] = shown["sources"]
    while len(sources) > _SOURCES_AT_LEAST and _room({**shown, "sources": sources}) < _ALWAYS:
        sources = sources[:-2]
    return sources


def _height(line: tuple[float, int], *texts: str) -> float:
    """How high some texts are on paper [mm], each beginning on a line of its own."""
    each, wide = line
    return each * sum(len(wrap(text, wide)) for text in texts)


def _listed(row: Row, best: Row, is_compared: bool) -> dict[str, Any]:
    """One option of the list, of which `best` is the first; whether the verdict compares it."""
    hourly, months = row["usd_per_busy_gpu_hour"], row["discounted_payback_months"]
    payback = number(months) if math.isfinite(months) else "never"
    return {
        "rank": str(row["rank"]),
        "name": NAMES[row["option"]],
        "hosting": SITES.get(row["hosting"], _NOTHING),
        "present_value": usd(row["present_value_usd"]),
        "per_hour": rate_text(hourly) if math.isfinite(hourly) else _NOTHING,
        "payback": _NOTHING if math.isnan(months) else payback,
        "why_not": why_not(row, best),
        "is_compared": is_compared,
    }


def _remarks(facts: Facts, shown: list[dict[str, Any]]) -> Iterator[str]:
    """What the payback is against, and what is not in the list: costlier, or without a price."""
    frame = facts.options
    if any(one["is_compared"] for one in shown):
        yield "The verdict compares the options in bold."
    if note := payback_note(frame):
        yield note
    ranks = {one["rank"] for one in shown}
    priced = frame[frame["status"] == "priced"].to_dict("records")
    dearer = [row for row in priced if str(row["rank"]) not in ranks]
    if dearer:
        yield f"Not listed: {'; '.join(named(row['option'], row['hosting']) for row in dearer)}."
    if lacking := left_out(frame):
        yield f"Without a price: {'. '.join(lacking)}."
