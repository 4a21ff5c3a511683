"""The parts of the decision sheet, each from facts to HTML."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tco.report.ages import PRICES
from tco.report.display import written
from tco.report.findings import payback_title, totals_sentence
from tco.report.provenance import count_by_status, share_of_servers
from tco.report.schema import uncounted
from tco.report.sheet import svg, tables
from tco.report.sheet.facts import DOTS, Facts, odds, sentences
from tco.report.sheet.markup import Html, joined, shortened, tag
from tco.report.sheet.references import Reference
from tco.report.strength import side
from tco.words import number, usd

_SOURCES_LISTED = 14
_LONGEST_NOTE, _LONGEST_LINK = 220, 200


def verdict(facts: Facts) -> Html:
    """The headline, its sentences, and the odds."""
    head, *more = sentences(facts)
    body = [
        tag("h2", head, class_="headline"),
        tag("p", " ".join(more), class_="lead"),
        _odds(facts, more),
        tag("p", _conditions(facts), class_="quiet"),
    ]
    body += [tag("p", why, class_="left-out") for why in facts.left_out]
    return tag("section", *body, class_=f"verdict {side(head)}")


def _odds(facts: Facts, said: Sequence[str]) -> Html:
    if facts.simulation is None:
        return joined()
    wins = [saving > 0 for saving in reversed(facts.simulation.dots(DOTS))]
    dots = "".join("●" if is_won else "○" for is_won in wins)
    return tag(
        "p", tag("span", dots, class_="dots", aria_hidden="true"), " ", odds(facts.simulation, said)
    )


def _conditions(facts: Facts) -> str:
    dates = (
        f"{word} {entry.as_of}" if entry.as_of else f"{word} {entry.status}"
        for word, entry in zip(
            ("price", "rate"), (facts.resolved[name] for name in PRICES), strict=True
        )
    )
    servers = share_of_servers(facts.scenario).strip(" ()")
    said = (count_by_status(facts.scenario), f"prices as of: {', '.join(dates)}", servers)
    return " · ".join(part for part in said if part)


Figure = tuple[str, str, str, str]


def figures(facts: Facts) -> Html:
    """The figures that the verdict rests on."""
    cells = [
        tag("div", tag("dt", title), tag("dd", value, tag("small", under), class_=kind))
        for title, value, under, kind in _figures(facts)
    ]
    return tag(
        "section",
        tag("h2", "Key figures", class_="unseen"),
        tag("dl", *cells),
        class_="figures",
    )


def _figures(facts: Facts) -> list[Figure]:
    answer, owning = facts.answer, facts.decision.owning
    if answer is None:
        return [] if owning is None else _owning_figures(owning, facts.decision.fair_rate)
    values = answer.scenario.values()
    is_paid_back = answer.status in ("breaks_even", "immediate")
    months = f"{number(answer.months)} months" if is_paid_back else "never"
    hours = f"{answer.hours:,.0f} busy hours per GPU" if is_paid_back else "within the years kept"
    if not is_paid_back and answer.exit_months < float("inf"):
        hours = f"unless sold: cheaper from month {number(answer.exit_months)}"
    busy = answer.breakeven_utilization
    rate, now = (written(n, values[n]) for n in ("rate_usd_per_gpu_hour", "utilization"))
    saving = answer.npv_saving_usd
    cheaper = "buying" if saving >= 0 else "renting"
    per_gpu = f"{usd(abs(saving) / values['gpus'])} per GPU, present value"
    return [
        ("BUY: own cost", usd(answer.own_usd_per_gpu_hour), "per busy GPU-hour", "buy"),
        ("RENT: rental cost", usd(answer.rent_usd_per_gpu_hour), "per busy GPU-hour", "rent"),
        (f"Saved by {cheaper}", usd(abs(saving)), per_gpu, ""),
        ("Pays back after", months, hours, ""),
        ("Break-even rate", _rate(facts.decision.fair_rate), f"per GPU-hour; now {rate}", ""),
        (
            "Break-even use",
            written("utilization", busy) if 0 <= busy <= 1 else "none",
            f"busy; now {now}",
            "",
        ),
    ]


def _owning_figures(owning: Any, fair_rate: float | None) -> list[Figure]:
    fair = "per GPU-hour: renting wins below" if fair_rate is not None else ""
    return [
        ("BUY: own cost", _rate(owning.usd_per_gpu_hour), "per busy GPU-hour", "buy"),
        ("Owning, at the start", usd(owning.upfront_usd), "hardware and installation", ""),
        ("Owning, each month", usd(owning.monthly_usd), "on average, busy or not", ""),
        ("Break-even rate", _rate(fair_rate), fair, ""),
    ]


def _rate(value: float | None) -> str:
    return "none" if value is None or value == float("inf") else usd(value)


def curve(facts: Facts) -> Html:
    """The cumulative cost of both sides under its finding."""
    answer, curves = facts.answer, facts.decision.curves
    if answer is None or curves is None:
        return joined()
    end, own = float(curves["t_months"].iloc[-1]), float(curves["own_usd"].iloc[-1])
    title = payback_title(answer, end)
    alt = f"{title}. {totals_sentence(answer, end, own)}"
    drawn = svg.cumulative(curves, answer, alt)
    return tag("section", tag("h2", title), tag("figure", drawn), class_="chart")


def inputs(facts: Facts, known: dict[str, Reference]) -> Html:
    """The inputs that matter most, with value, flip, range, status and sources."""
    if not facts.matters:
        return joined()
    rows = [
        (
            tag("th", one.words, " ", tag("small", one.name, class_="code"), scope="row"),
            tag("td", one.value, " ", tag("small", one.unit)),
            tag("td", tag("b", one.flip), " ", tag("small", one.flip_note)),
            tag("td", one.ends),
            tag("td", one.saved),
            tag("td", one.status),
        )
        for one in tables.mattering(facts, known)
    ]
    head = (
        *("Input", "Value", "Flips at", "Low to high", "Buying then saves"),
        "Status, date, source",
    )
    title = "What matters most, and where it would turn the answer (low to high: P10 to P90)"
    return _table("inputs", title, head, rows)


def options(facts: Facts) -> Html:
    """All ways to get the same busy hours, cheapest first."""
    shown = tables.listed(facts)
    rows = []
    for one in shown:
        name = one.option
        if one.is_compared:
            name = tag("b", one.option, tag("span", ", compared above", class_="unseen"))
        cells = (one.hosting, one.present_value, one.per_hour, one.payback, one.why_not)
        kinds = ("", "amount", "amount", "amount", "")
        rows.append(
            (
                tag("td", one.rank, class_="amount"),
                tag("th", name, scope="row"),
                *(tag("td", cell, class_=kind) for cell, kind in zip(cells, kinds, strict=True)),
            )
        )
    head = (
        "Rank",
        "Option",
        "Hosting",
        "Present value",
        "Per busy GPU-hour",
        "Payback, months",
        "Why not rank 1",
    )
    notes = tables.remarks(facts, shown)
    return _table("options", "All ways to get the same busy hours", head, rows, " ".join(notes))


def _table(
    name: str, title: str, head: tuple[str, ...], rows: Sequence[tuple[Html, ...]], notes: str = ""
) -> Html:
    """A table in a box of its own, which a narrow screen can scroll."""
    cells = tag("tr", *(tag("th", words, scope="col") for words in head))
    table = tag("table", tag("thead", cells), tag("tbody", *(tag("tr", *row) for row in rows)))
    box = tag(
        "div", table, class_="wide", role="region", tabindex=0, aria_labelledby=f"{name}-title"
    )
    noted = tag("p", notes, class_="quiet") if notes else ""
    return tag("section", tag("h2", title, id=f"{name}-title"), box, noted, class_=name)


def not_counted(facts: Facts) -> Html:
    """What the model leaves out, and how the two prices were found."""
    how = [
        f"{word}: {shortened(facts.resolved[name].note, _LONGEST_NOTE)}"
        for word, name in zip(("Purchase price", "Rental rate"), PRICES, strict=True)
        if facts.resolved[name].note
    ]
    found = (
        [tag("h2", "How the prices were found"), *(tag("p", line) for line in how)] if how else []
    )
    return tag(
        "section",
        tag("h2", "What is not counted"),
        tag("ul", *(tag("li", item) for item in uncounted(facts.values["tax_rate"]))),
        *found,
        class_="not-counted",
    )


def sources(known: dict[str, Reference]) -> Html:
    """The sources of the inputs above and of both prices."""
    shown = list(known.values())[:_SOURCES_LISTED]
    items = [
        tag("li", tag("a", one.words, href=one.url) if one.url else one.words, f", {one.date}")
        for one in shown
    ]
    more = len(known) - len(shown)
    rest = f"{more} more sources are in the CSV report. " if more else ""
    said = f"{rest}An assumption is an own estimate; the CSV report gives its reason."
    return tag(
        "section",
        tag("h2", "Sources"),
        tag("ol", *items),
        tag("p", said, class_="quiet"),
        class_="sources",
    )


def linked(link: str) -> Html:
    """Where the scenario opens in the app; nothing without a link."""
    if not link:
        return joined()
    is_web = link.startswith(("https://", "http://"))
    words = "This scenario in the app: " if is_web else "This scenario, behind the app's address: "
    is_long = len(link) > _LONGEST_LINK
    shown = tag("a", link, href=link) if is_web else tag("code", link)
    on_paper = f"{link[:_LONGEST_LINK]}…" if is_long else ""
    if not is_long:
        return tag("p", words, shown)
    return tag(
        "p", words, tag("span", shown, class_="screen"), tag("span", on_paper, class_="paper")
    )
