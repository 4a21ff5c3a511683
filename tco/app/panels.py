"""The results on the screen. Every panel takes results and shows them."""

from __future__ import annotations

import html
from collections.abc import Iterable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from tco.app import odds, state, style
from tco.app.sections import WORDS
from tco.app.text import plain
from tco.model.breakeven import Breakeven
from tco.report import charts
from tco.report.decision import Decision
from tco.report.market_tables import Band
from tco.report.provenance import provenance
from tco.report.schema import uncounted
from tco.report.sticker import Owning
from tco.scenario import Scenario
from tco.words import number, usd

_NONE = "none"


def heading(scenario: Scenario, title: str) -> None:
    """The title, and a badge while nothing on the screen is the reader's own."""
    with st.container(horizontal=True, vertical_alignment="center", key="heading"):
        st.html(f"<h1 class='tco-title'>{title}</h1>", width="content")
        beginnings(scenario)
        if scenario.is_example:
            st.caption("none of the inputs are yours yet", width="content")


def beginnings(scenario: Scenario) -> None:
    """That this is an example, or the way back to it; and the way from old data to the newest."""
    if "as_of" in scenario.given:
        label = f"Use the data of {scenario.catalogue.newest}"
        st.button(label, on_click=state.change, kwargs={"as_of": None}, key="newest")
    if scenario.is_example:
        st.badge("Example", color="gray")
        return
    st.button("Back to the example", on_click=state.reset, type="tertiary", key="reset")


def owning_tiles(decision: Decision) -> None:
    """What owning costs by itself, where there is nothing to compare it with."""
    if decision.owning is not None:
        _html_tiles(_owning_tiles(decision.owning, decision.fair_rate))


Tile = tuple[str, str, str, str]


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


def stale(decision: Decision, part: str = "") -> DeltaGenerator:
    """Where results go: dimmed while they still show the last inputs that went together.

    `part` tells several such places of one page apart.
    """
    is_old = bool(decision.problems) or state.is_refusing()
    key = "stale" if is_old else "current"
    return st.container(key=f"{key}_{part}" if part else key)


def rack(decision: Decision) -> None:
    """How full a rack gets; nothing where none of them holds a server."""
    if decision.rack is not None:
        st.caption(
            f"GPUs in a full rack: {decision.rack.gpus_per_rack} (servers: "
            f"{decision.rack.servers_per_rack}); {decision.rack.limit} is the limit."
        )


def cost_curves(decision: Decision) -> None:
    """Cumulative cost of both sides, with its range in many futures."""
    if decision.answer is None or decision.curves is None:
        return
    found, _ = odds.known(decision.scenario)
    band = None if found is None else odds.costs(decision.scenario)
    chart = charts.cumulative(decision.curves, decision.answer, band)
    draw(chart, f"{chart.caption} Data as of {decision.as_of}.", "cumulative")


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
    draw(chart, _offers_caption(decision), "rates", "h3")


def _offers_caption(decision: Decision) -> str:
    band, choice = decision.band, decision.scenario.values()
    if band is None:
        return f"No offers found as of {decision.as_of}."
    quoted = (
        f"The band is what pages on the web quote for the {choice['gpu']}, without a source. "
        if band.quoted
        else ""
    )
    if band.offered_low is None or band.offered_high is None:
        return f"{quoted}No dated offers as of {decision.as_of}."
    offered = f"{choice['region']}, {WORDS[choice['term']]}"
    medians = ", ".join(f"{name} {usd(rate)}" for name, rate in band.providers.items())
    return (
        f"{quoted}P10 to P90 of {band.offers} dated offers ({offered}): "
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
    with st.grid(2, min_column_width=420, gap="medium"):
        with st.container():
            draw(charts.waterfall(owning), caption, "waterfall", "h3")
        with st.container():
            break_even_rates(decision)


def _payback(answer: Breakeven) -> tuple[str, str]:
    if answer.months == float("inf"):
        return "no payback", f"within {number(answer.scenario.values()['horizon_months'])} months"
    return f"{number(answer.months)} months", f"{answer.hours:,.0f} busy hours per GPU"


def draw(chart: charts.Chart, caption: str, key: str, heading: str = "h2") -> None:
    """A chart below its finding, with a caption."""
    st.html(f"<{heading} class='tco-chart'>{html.escape(chart.title)}</{heading}>")
    config = {"displayModeBar": False, "responsive": True}
    st.plotly_chart(style.themed(chart).figure, theme=None, config=config, alt=chart.alt, key=key)
    st.caption(plain(caption))


def sources(scenario: Scenario) -> None:
    """Every input with its source and date."""
    expander = st.expander("Where the numbers come from", key="sources", on_change="rerun")
    if expander.open:
        expander.dataframe(
            provenance(scenario),
            hide_index=True,
            column_config={"link": st.column_config.LinkColumn("link")},
            alt="Every input with its value, status, source, date and note",
        )


def not_counted(scenario: Scenario) -> None:
    """What the model leaves out of this scenario."""
    with st.expander("What is not counted", key="not_counted"):
        items = uncounted(scenario.values()["tax_rate"])
        st.markdown("\n".join(f"- {plain(item)}" for item in items))
