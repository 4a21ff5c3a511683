"""Questions about what there is: inputs, GPUs, rates, offers, history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tco.inputs import INPUTS, PRICES, RATE
from tco.questions.answer import Answered, Question, data_of, records
from tco.questions.asked import ABOUT, TEXT, Asked, is_about
from tco.words.remarks import default_rate

if TYPE_CHECKING:
    from tco.market.catalogue import Catalogue
    from tco.scenario import Scenario

_INPUT = (
    *("name", "unit", "domain", "default", "low", "high", "status", "as_of", "age_days"),
    *("source", "meaning"),
)
_GPU = ("gpu", "name", "memory_gb", "gpu_w", "idle_w", "host", "as_of")
_RATE = (
    *("gpu", "provider", "instance", "region", "country", "term", "usd_per_gpu_hour"),
    *("host_included", "as_of"),
)
_OF_MARKET = (
    Asked("gpu", TEXT, "the GPU", needed=True),
    Asked("provider", TEXT, "only this provider"),
    Asked("term", TEXT, "term of the rental: on_demand, spot, 1yr, 3yr or 5yr"),
    Asked("region", TEXT, "region or country; any for all"),
    Asked("as_of", TEXT, "date from which ages are counted; later offers are left out"),
)


def _listed(catalogue: Catalogue, name: str, header: tuple[str, ...], rows: list[Any]) -> Answered:
    import pandas as pd

    frame = pd.DataFrame(rows, columns=list(header), dtype=object)
    listed = [dict(zip(header, row, strict=True)) for row in rows]
    return Answered(catalogue=catalogue, content={name: listed}, frames={name: frame})


def _inputs(scenario: Scenario, asked: dict[str, Any]) -> Answered:
    from tco.market.policy import POLICY
    from tco.report.provenance import badge
    from tco.scenario import Scenario

    catalogue = scenario.catalogue
    resolved = Scenario(**data_of(catalogue)).resolved()
    on = resolved["as_of"].value
    rows = []
    for entry in resolved.values():
        declared = INPUTS[entry.name]
        words = (entry.name, declared.group, declared.label, declared.meaning)
        if not is_about(asked.get("about", ""), *words):
            continue
        named = (entry.name, entry.unit, declared.domain, entry.value, entry.low, entry.high)
        dated = (entry.status, entry.as_of, badge(entry.as_of, on)[1])
        source = entry.note if entry.status == POLICY else catalogue.cited(entry.source_id)[0]
        rows.append((*named, *dated, source, declared.meaning))
    return _listed(catalogue, "inputs", _INPUT, rows)


def _gpus(scenario: Scenario, asked: dict[str, Any]) -> Answered:
    from tco.scenario import Scenario

    catalogue = scenario.catalogue
    rows = []
    for gpu in catalogue.gpus.values():
        if not is_about(asked.get("about", ""), gpu.gpu, gpu.name):
            continue
        values = Scenario(gpu=gpu.gpu, **data_of(catalogue)).values()
        known = (*(getattr(gpu, name) for name in _GPU), *(values[name] for name in PRICES))
        rows.append((*known, catalogue.cited(gpu.source_id)[0]))
    return _listed(catalogue, "gpus", (*_GPU, *PRICES, "source"), rows)


def _rates(scenario: Scenario, asked: dict[str, Any]) -> Answered:
    from tco.market.evidence import age_days, freshness
    from tco.scenario import Scenario

    catalogue, gpu = scenario.catalogue, asked.get("gpu")
    Scenario(gpu=gpu, **data_of(catalogue))
    rows = []
    for key in catalogue.gpus if gpu is None else (gpu,):
        for rate in catalogue.rates_of(key):
            age = age_days(rate.as_of, catalogue.newest)
            source = catalogue.cited(rate.source_id)[0]
            rows.append((*(getattr(rate, name) for name in _RATE), age, freshness(age), source))
    listed = _listed(catalogue, "rates", (*_RATE, "age_days", "freshness", "source"), rows)
    return (
        listed if rows else replace(listed, sentences=(f"No rental rate of the {gpu} is known.",))
    )


def _offers(scenario: Scenario, asked: dict[str, Any]) -> Answered:
    from tco.analysis.history import offer_quantiles, offers
    from tco.scenario import Scenario

    catalogue = scenario.catalogue
    found, lie = (call(**asked, prices=catalogue) for call in (offers, offer_quantiles))
    rate = Scenario(**asked, **data_of(catalogue)).resolved()[RATE]
    default = {"usd_per_gpu_hour": rate.value, "note": rate.note}
    return Answered(
        catalogue=catalogue,
        content={"offers": records(found), "quantiles": records(lie), "default_rate": default},
        frames={"offers": found, "quantiles": lie},
        sentences=(default_rate(rate.value, rate.note),),
    )


def _history(scenario: Scenario, asked: dict[str, Any]) -> Answered:
    from tco.analysis.history import history, trends
    from tco.report.market_tables import history_sentence

    catalogue = scenario.catalogue
    found, fitted = (call(**asked, prices=catalogue) for call in (history, trends))
    seen = found.drop(columns="date")
    nothing = f"No rental price of the {asked['gpu']} is known for these choices."
    return Answered(
        catalogue=catalogue,
        content={"history": records(seen), "trends": records(fitted)},
        frames={"history": seen, "trends": fitted},
        lead=history_sentence(found, fitted),
        sentences=(nothing,) if found.empty else (),
    )


def _check(asked: dict[str, Any], data: Mapping[str, Any]) -> None:
    """InputError for what a scenario does not take either, such as a GPU that is not known."""
    from tco.scenario import Scenario

    Scenario(**{name: value for name, value in asked.items() if name != ABOUT.name}, **data)


def _question(
    name: str, summary: str, answer: Any, takes: tuple[Asked, ...] = (), more: tuple[str, ...] = ()
) -> Question:
    return Question(
        name=name,
        summary=summary,
        answer=answer,
        takes=takes,
        of_scenario=False,
        tables=(name, *more),
        check=_check,
    )


QUESTIONS = (
    _question("inputs", "Every input: name, unit, domain, default, source.", _inputs, (ABOUT,)),
    _question("gpus", "The GPUs in the catalog.", _gpus, (ABOUT,)),
    _question(
        "rates",
        "Rental rates with provider, region, term, date and source: every observation.",
        *(_rates, (Asked("gpu", TEXT, "only this GPU"),)),
    ),
    _question(
        "offers",
        "The rental offers for a GPU: which are comparable, how old they are, P10, P50 and P90.",
        *(_offers, _OF_MARKET, ("quantiles",)),
    ),
    _question(
        "history",
        "The rental price of a GPU over time, and the change per year of each series.",
        *(_history, _OF_MARKET, ("trends",)),
    ),
)
