"""The results on the screen. Every panel takes results and shows them."""

from __future__ import annotations

import html
from collections.abc import Iterable
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from tco.answer import Breakeven, tax_words
from tco.app import notes, state
from tco.app.text import plain
from tco.reason import number, usd
from tco.report import charts
from tco.report.ages import PRICES
from tco.report.csv_report import ledger_csv, report_csv
from tco.report.decision import Decision
from tco.report.display import written
from tco.report.market_data import age_text, old_data
from tco.report.offers import Band
from tco.report.provenance import count_by_status, provenance, share_of_servers
from tco.report.schema import NOT_COUNTED
from tco.report.sticker import Owning
from tco.scenario import Scenario

_MISSING = {
    "price_usd_per_gpu": "No purchase price found as of {as_of}. Type one: GPU price.",
    "rate_usd_per_gpu_hour": "No rental price found as of {as_of}. Type one: Rental rate.",
}
_NONE = "none"
_RENT_COUNTS = "per busy GPU-hour: rate, start-up, storage, trend"


def heading(scenario: Scenario, title: str) -> None:
    """The title, and a badge while nothing on the screen is the reader's own."""
    with st.container(horizontal=True, vertical_alignment="center", key="heading"):
        st.html(f"<h1 class='tco-title'>{title}</h1>", width="content")
        if "as_of" in scenario.given:
            label = f"Use the data of {scenario.catalogue.newest}"
            st.button(label, on_click=state.change, kwargs={"as_of": None}, key="newest")
        if scenario.is_example:
            st.badge("Example", color="gray")
            st.caption("none of the inputs are yours yet", width="content")
        else:
            st.button("Back to the example", on_click=state.reset, type="tertiary", key="reset")


def verdict(decision: Decision) -> None:
    """The answer in one sentence and five figures, or what keeps it from being given."""
    if decision.problems:
        title = "These inputs do not go together; below are the last ones that did:"
        notes.remarks(decision.problems, title)
    elif decision.answer is not None:
        _answer(decision, decision.answer)
    else:
        lacking = " ".join(_MISSING[name].format(as_of=decision.as_of) for name in decision.missing)
        _sentence("", "No verdict yet", lacking, "")
        if decision.owning is not None:
            _html_tiles(_owning_tiles(decision.owning, decision.fair_rate))
    st.caption(plain(_conditions(decision)))
    notes.note(old_data(decision.scenario))


def _answer(decision: Decision, answer: Breakeven) -> None:
    lead, _, more = (answer.reason or "").partition(". ")
    word, _, lead = lead.partition(": ")
    busy = decision.fair_rate is not None
    _sentence(answer.verdict if busy else "", word, f"{lead[:1].upper()}{lead[1:]}.", more)
    if busy:
        _html_tiles(_answer_tiles(answer, decision.fair_rate))
    elif decision.owning is not None:
        _html_tiles(_owning_tiles(decision.owning, None))


def _sentence(side: str, word: str, lead: str, more: str) -> None:
    st.html(
        f"<div class='tco-verdict {side}' aria-live='polite'>"
        f"<p class='tco-word'>{html.escape(word.upper())}</p>"
        f"<p class='tco-lead'>{html.escape(lead)}</p>"
        f"<p class='tco-more'>{html.escape(more)}</p></div>"
    )


Tile = tuple[str, str, str, str]


def _answer_tiles(answer: Breakeven, fair_rate: float | None) -> list[Tile]:
    paid_back = answer.status in ("breaks_even", "immediate")
    months = f"{number(answer.months)} months" if paid_back else "never"
    sold = f"unless sold: cheaper from month {number(answer.exit_months)}"
    without = sold if answer.exit_months < float("inf") else "within the years kept"
    hours = f"{answer.hours:,.0f} busy hours per GPU" if paid_back else without
    values = answer.scenario.values()
    rate = written("rate_usd_per_gpu_hour", values["rate_usd_per_gpu_hour"])
    busy, now = answer.breakeven_utilization, written("utilization", values["utilization"])
    use = written("utilization", busy) if 0 <= busy <= 1 else _NONE
    return [
        ("BUY: own cost", usd(answer.own_usd_per_gpu_hour), "per busy GPU-hour", "buy"),
        ("RENT: rental cost", usd(answer.rent_usd_per_gpu_hour), _RENT_COUNTS, "rent"),
        ("Pays back after", months, hours, ""),
        ("Break-even rate", _rate(fair_rate), f"per GPU-hour; now {rate}", ""),
        ("Break-even use", use, f"busy; now {now}", ""),
    ]


def _owning_tiles(owning: Owning, fair_rate: float | None) -> list[Tile]:
    hourly, fair = owning.usd_per_gpu_hour, "per GPU-hour: renting wins below"
    return [
        ("BUY: own cost", _rate(hourly), "per busy GPU-hour", "buy"),
        ("Owning, at the start", usd(owning.upfront_usd), "hardware and installation", ""),
        ("Owning, each month", usd(owning.monthly_usd), "on average, busy or not", ""),
        ("Break-even rate", _rate(fair_rate), fair if fair_rate is not None else "", ""),
    ]


def _rate(value: float | None) -> str:
    return _NONE if value is None or value == float("inf") else usd(value)


def _html_tiles(tiles: Iterable[Tile]) -> None:
    cells = "".join(
        f"<div class='tco-tile'><dt>{html.escape(title)}</dt><dd class='{side}'>"
        f"{html.escape(value)}<small>{html.escape(under)}</small></dd></div>"
        for title, value, under, side in tiles
    )
    st.html(f"<dl class='tco-tiles'>{cells}</dl>")


def _conditions(decision: Decision) -> str:
    resolved = decision.scenario.resolved()
    values = {name: entry.value for name, entry in resolved.items()}
    return (
        f"{values['gpus']:,} GPUs{share_of_servers(decision.scenario)} · "
        f"{written('horizon_months', values['horizon_months'])} · "
        f"{written('discount_rate', values['discount_rate'])} cost of capital · "
        f"{tax_words(values)} · data as of {decision.as_of}, {_dates(decision.scenario)} · "
        f"{count_by_status(decision.scenario)}"
    )


def _dates(scenario: Scenario) -> str:
    """The dates of the two prices that the answer rests on most, with their ages as of today."""
    resolved = scenario.resolved()
    entries = [(word, resolved[name]) for word, name in zip(("price", "rate"), PRICES, strict=True)]
    return ", ".join(
        f"{word} {entry.as_of} ({age_text(entry.as_of)})"
        if entry.as_of
        else f"{word} {entry.status}"
        for word, entry in entries
    )


def stale(decision: Decision) -> DeltaGenerator:
    """Where the charts go: dimmed while they still show the last inputs that went together."""
    return st.container(key="stale" if decision.problems else "current")


def cost_curves(decision: Decision) -> None:
    """Cumulative cost of both sides."""
    if decision.answer is None or decision.curves is None:
        return
    caption = (
        "Present value of all costs so far; resale and the rest of a commitment at the end. "
        f"Data as of {decision.as_of}."
    )
    draw(charts.cumulative(decision.curves, decision.answer), caption, "cumulative")


def break_even_rates(decision: Decision) -> None:
    """Break-even rate against utilisation, with the offers."""
    if decision.rate_curve is None or decision.fair_rate is None:
        return
    values = decision.scenario.values()
    now = (values["utilization"], values["rate_usd_per_gpu_hour"])
    idle_is_paid = values["billing"] != "per_use"
    chart = charts.breakeven_rate(
        decision.rate_curve, now, decision.fair_rate, decision.band, idle_is_paid
    )
    draw(chart, _offers_caption(decision), "rates")


def _offers_caption(decision: Decision) -> str:
    band, choice = decision.band, decision.scenario.values()
    if band is None:
        return f"No offers found as of {decision.as_of}."
    quoted = (
        f"The band is what pages on the web quote for an {choice['gpu']}, without a source. "
        if band.quoted
        else ""
    )
    if band.offered_low is None or band.offered_high is None:
        return f"{quoted}No dated offers as of {decision.as_of}."
    medians = ", ".join(f"{name} {usd(rate)}" for name, rate in band.providers.items())
    return (
        f"{quoted}P10 to P90 of {band.offers} dated offers ({choice['region']}, {choice['term']}): "
        f"{usd(band.offered_low)} to {usd(band.offered_high)}. Median by provider: {medians}"
        f"{_cheaper(band, decision.fair_rate)}. "
        f"Data as of {decision.as_of}."
    )


def _cheaper(band: Band, fair_rate: float | None) -> str:
    if fair_rate is None:
        return ""
    below, count = band.below(fair_rate), len(band.providers)
    return f"; {below} of {count} below the break-even rate of {usd(fair_rate)}"


def sticker(decision: Decision) -> None:
    """The figure for the card alone beside the honest one, and what separates them."""
    owning, alone, answer = decision.owning, decision.sticker, decision.answer
    if owning is None or not owning.steps:
        return
    st.html("<h2 class='tco-title'>The sticker figure, and the honest one</h2>")
    if alone is not None and answer is not None:
        _html_tiles(
            [
                ("Payback of the card alone, always busy", *_payback(alone), ""),
                ("Payback with everything counted", *_payback(answer), ""),
            ]
        )
    caption = (
        "Own cost of a busy GPU-hour. Steps up to the staff and upkeep are plain money over busy "
        "hours; the cost of money is what discounting adds; resale is what selling gives back. "
        f"Data as of {decision.as_of}."
    )
    draw(charts.waterfall(owning), caption, "waterfall", "h3")


def _payback(answer: Breakeven) -> tuple[str, str]:
    if answer.months == float("inf"):
        return "no payback", f"within {number(answer.scenario.values()['horizon_months'])} months"
    return f"{number(answer.months)} months", f"{answer.hours:,.0f} busy hours per GPU"


def draw(chart: charts.Chart, caption: str, key: str, heading: str = "h2") -> None:
    """A chart below its finding, with a caption."""
    st.html(f"<{heading} class='tco-chart'>{html.escape(chart.title)}</{heading}>")
    config = {"displayModeBar": False, "responsive": True}
    st.plotly_chart(chart.figure, theme=None, config=config, alt=chart.alt, key=key)
    st.caption(plain(caption))


def sources(scenario: Scenario) -> None:
    """Every input with its source and date."""
    with st.expander("Where the numbers come from"):
        st.dataframe(
            provenance(scenario),
            hide_index=True,
            column_config={"link": st.column_config.LinkColumn("link")},
            alt="Every input with its value, status, source, date and note",
        )


def not_counted() -> None:
    """What the model leaves out."""
    with st.expander("What is not counted"):
        st.markdown("\n".join(f"- {plain(item)}" for item in NOT_COUNTED))


def downloads(decision: Decision) -> None:
    """The CSV report and the ledger, built on click."""
    scenario, ready = decision.scenario, decision.answer is not None
    with st.container(horizontal=True, key="downloads"):
        for label, build, name in (
            ("Report (CSV)", report_csv, "tco-report.csv"),
            ("Ledger (CSV)", ledger_csv, "tco-ledger.csv"),
        ):
            st.download_button(
                label,
                data=partial(build, scenario),
                file_name=name,
                mime="text/csv",
                on_click="ignore",
                disabled=not ready,
                key=name,
            )
    st.caption("The address of this page is the scenario: copy it to share it.")
