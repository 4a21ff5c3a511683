"""What stands below the answer on the Decide page: why, and every other input."""

from __future__ import annotations

import streamlit as st

from tco.app import form, lines, panels
from tco.app.panels import plain
from tco.inputs import INPUTS
from tco.model.breakeven import Breakeven
from tco.report import charts
from tco.report.facts import Facts
from tco.report.market_tables import defaults_frame
from tco.report.provenance import cited_inputs, formulas, old_data
from tco.scenario import Scenario
from tco.words.figures import number, usd

# Columns of the list of inputs.
_SOURCES = ("input", "value", "status", "source", "date", "note", "link")


def below(scenario: Scenario, now: Facts, shown: Facts) -> None:
    """Everything else; `now` are the facts of the scenario, `shown` the last valid ones."""
    with panels.stale(now, "rests"):
        _rests_on(shown)
    with st.container(key="rack"):
        if now.rack is not None:
            st.caption(
                f"GPUs in a full rack: {now.rack.gpus_per_rack} (servers: "
                f"{now.rack.servers_per_rack}); {now.rack.limit} is the limit."
            )
    form.sections(scenario, now.levers)
    lines.section(scenario)
    with panels.stale(now, "honest"):
        _sticker(shown)
    with st.expander("What is not counted", key="not_counted"):
        st.markdown("\n".join(f"- {plain(panels.voice(item))}" for item in now.uncounted))
    # Formula, inputs and sources of every headline number; made when it is opened.
    expander = st.expander("How this is computed", key="explained", on_change="rerun")
    if expander.open and shown.answer is not None and shown.fair_rate is not None:
        told = (
            (f"{title}: {value}", how, cited_inputs(shown.scenario, inputs))
            for title, value, how, inputs in formulas(shown.answer, shown.simulation)
        )
        panels.facts(told, expander)
    expander = st.expander("Where the numbers come from", key="sources", on_change="rerun")
    if expander.open:
        expander.dataframe(
            panels.labeled(defaults_frame(scenario)[list(_SOURCES)]),
            hide_index=True,
            column_config={"link": st.column_config.LinkColumn("link")},
            alt="Every input with its value, status, source, date and note",
        )


def _rests_on(shown: Facts) -> None:
    """What the answer rests on, and what is odd about it."""
    panels.note(shown.no_odds)
    if not shown.compared:
        panels.tiles(shown.figures)
    st.caption(plain(shown.conditions))
    panels.note(shown.notes)
    panels.note(old_data(shown.scenario))


def _sticker(shown: Facts) -> None:
    """The figure for the card alone beside the full cost, and what separates them."""
    owning, alone, answer = shown.owning, shown.sticker, shown.answer
    if owning is None or not owning.steps:
        return
    panels.title("Sticker price and full cost of ownership")
    if alone is not None and answer is not None:
        panels.tiles(
            [
                ("Payback of the card alone, at 100 % utilization", *_payback(alone), ""),
                ("Payback with everything counted", *_payback(answer), ""),
            ]
        )
    caption = (
        "Own cost of a busy GPU-hour. Steps up to staff and upkeep are undiscounted; the cost of "
        "capital is what discounting adds; resale is what selling brings back. "
        f"Data as of {shown.as_of}."
    )
    with st.grid(2, min_column_width=420, gap="medium"):
        with st.container():
            panels.draw(charts.waterfall(owning, panels.theme()), caption, "waterfall", "h3")
        with st.container():
            _break_even_rates(shown)


def _payback(answer: Breakeven) -> tuple[str, str]:
    if answer.months == float("inf"):
        return "no payback", f"within {number(answer.scenario.values()['horizon_months'])} months"
    return f"{number(answer.months)} months", f"{answer.hours:,.0f} busy hours per GPU"


def _break_even_rates(shown: Facts) -> None:
    if shown.rate_curve is None or shown.fair_rate is None:
        return
    values = shown.scenario.values()
    now = (values["utilization"], values["rate_usd_per_gpu_hour"])
    idle_is_paid = values["billing"] != "per_use"
    is_buying = shown.answer.npv_saving_usd > 0 if shown.answer else None
    found = (shown.rate_curve, now, shown.fair_rate, shown.band, idle_is_paid)
    end = shown.answer.rates[1] if shown.answer else None
    chart = charts.breakeven_rate(*found, panels.theme(), is_buying, end)
    panels.draw(chart, _offers_caption(shown, shown.fair_rate), "rates", "h3")


def _offers_caption(shown: Facts, fair_rate: float) -> str:
    band, choice = shown.band, shown.scenario.values()
    if band is None:
        return f"No offers found as of {shown.as_of}."
    quoted = f"The band is what pages on the web quote for the {choice['gpu']}, without a source. "
    quoted = quoted if band.quoted else ""
    if band.offered_low is None or band.offered_high is None:
        return f"{quoted}No dated offers as of {shown.as_of}."
    offered = f"{choice['region']}, {INPUTS['term'].word(choice['term'])}"
    medians = ", ".join(f"{name} {usd(rate)}" for name, rate in band.providers.items())
    below, count = band.below(fair_rate), len(band.providers)
    return (
        f"{quoted}P10 to P90 of {band.offers} dated offers ({offered}): "
        f"{usd(band.offered_low)} to {usd(band.offered_high)}. Median by provider: {medians}; "
        f"{below} of {count} below the break-even rate of {usd(fair_rate)}. "
        f"Data as of {shown.as_of}."
    )
