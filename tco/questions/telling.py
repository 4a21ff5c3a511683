"""What is said of an answer, question by question: sentences, lines of its table, and its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tco.analysis.declared import RENTING
from tco.analysis.options import LEASE, what_if
from tco.inputs import INPUTS, PRICE, PRICES, RATE
from tco.market.catalogue import Catalogue
from tco.market.workload import api_prices, models
from tco.questions.answer import Answered, data_of, records
from tco.questions.scenarios import inputs_of_report
from tco.report.facts import Facts, facts_of
from tco.report.fleet_tables import compacted
from tco.report.option_tables import named
from tco.report.risk_tables import turning_first
from tco.scenario import Scenario
from tco.words.currencies import of_unit
from tco.words.figures import counted, number, quantity, rate_text, usd, whole_usd
from tco.words.speeds import of_replica

# Statuses of numbers that are neither inputs nor computed here.
OBSERVED, DEFAULT = "observed", "default"
_BILLION = 10**9
_ABOUT = "ask with about=…, such as about="
# Columns of a table that a reader needs.
_OF_OPTION = (
    *("option", "side", "hosting", "rank", "present_value_usd", "usd_per_busy_gpu_hour"),
    *(RATE, PRICE, LEASE, "breakeven_price_usd", "payback_months", "cheapest_from", "cheapest_to"),
    *("why_not", "note"),
)
_OF_OFFER = (
    *("provider", "instance", "region", "country", "term", "usd_per_gpu_hour", "comparable"),
    *("why_not", "as_of", "age_days", "freshness", "source", "url", "note"),
)
_OF_MODEL = (
    *("model", "name", "parameters", "active_parameters", "context", "native_bits", "license"),
    *("source", "as_of", "age_days"),
)
_OF_INPUT = ("name", "unit", "domain", "default", "low", "high", "status", "source", "as_of")
# What makes a price another one.
_OF_PRICE = ("name", "value", "source", "as_of")
# What follows from a demand.
_FOLLOW = ("gpus", "utilization")
# What of results is said in words already, or is a table.
_SAID = ("reason", "notes", "sentence", "scenario", "speed", "as_of")


@dataclass(frozen=True, kw_only=True)
class Told:
    """What is said of one answer.

    `sentences` stand first. `lines` are the rows of what matters under their `title`. `results` and
    `tables` are what a program reads; `statuses` are those of tables whose numbers are not
    computed, `most` how many rows of each are shown. `facts` are those of the scenario of which it
    is said what to check first; None where numbers are of none, as in a list of GPUs. `rests_on`
    are numbers behind it that are no inputs of that scenario, and `follow` are the inputs of it
    that nobody gave: they follow from the question. `more` says how to get rows that are left out.
    """

    sentences: tuple[str, ...] = ()
    title: str = ""
    lines: tuple[str, ...] = ()
    results: Mapping[str, Any] = field(default_factory=dict)
    tables: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    statuses: Mapping[str, str] = field(default_factory=dict)
    most: int = 25
    rests_on: tuple[dict[str, Any], ...] = ()
    facts: Facts | None = None
    follow: tuple[str, ...] = ()
    more: str = ""

    def all_of(self, table: str) -> str:
        """How to get all rows of a table."""
        whole = f"tco writes the whole table {table}" if table else "see the structured answer"
        return self.more or whole


def told_of(name: str, answered: Answered) -> Told:
    """What is said of the answer to the question of that name.

    >>> from tco.questions import QUESTIONS
    >>> told_of("gpus", QUESTIONS["gpus"].of_values({"about": "L4"})).lines[0].partition(":")[0]
    'L4'
    """
    return _TOLD.get(name, _plainly)(answered)


def _picked(rows: Iterable[Mapping[str, Any]], columns: Iterable[str]) -> list[dict[str, Any]]:
    return [{name: row[name] for name in columns if name in row} for row in rows]


def _flat(content: Mapping[str, Any]) -> dict[str, Any]:
    """The results of a document: what is one value, and no text that is said anyway."""
    return {
        name: value
        for name, value in content.items()
        if name not in _SAID and value is not None and not isinstance(value, Mapping | list | tuple)
    }


def _plainly(answered: Answered) -> Told:
    """Of a question that has no words of its own: its sentences and tables."""
    tables = {name: records(frame) for name, frame in answered.frames.items()}
    facts = facts_of(answered.scenario) if answered.scenario else None
    said = (*filter(None, [answered.lead]), *answered.sentences) or (
        _verdict(facts) if facts else ()
    )
    return Told(sentences=said, tables=tables, facts=facts)


def _verdict(facts: Facts) -> tuple[str, ...]:
    """Headline and first sentence in one, and the other sentences about a scenario."""
    first, *rest = facts.sentences or ("",)
    lead = f"{facts.headline}: {first}" if first else f"{facts.headline}."
    odds = facts.odds_line.partition(" Check ")[0]
    return tuple(one for one in (lead, *rest, odds, facts.notes, facts.no_odds) if one)


def _of(answered: Answered) -> Scenario:
    assert answered.scenario is not None
    return answered.scenario


def _breakeven(answered: Answered) -> Told:
    facts = facts_of(_of(answered))
    lines = tuple(
        f"{title}: {figure}{f' ({under})' if under else ''}"
        for title, figure, under, _ in facts.figures
    )
    results = _flat(answered.content["results"])
    if answered.content["results"]["chance_buy"] is None:
        results.pop("confidence", None)
    return Told(
        facts=facts, sentences=_verdict(facts), title="Figures", lines=lines, results=results
    )


def _options(answered: Answered) -> Told:
    scenario, frame = _of(answered), answered.frames["options"]
    busy = scenario.values()["utilization"]
    priced, lacking = (
        records(frame[(frame["status"] == "priced") == is_priced]) for is_priced in (True, False)
    )
    lines = [
        f"{row['rank']}. {named(row['option'], row['hosting'])}: "
        f"{whole_usd(row['present_value_usd'])} in present value"
        + (f", {rate_text(row['usd_per_busy_gpu_hour'])} per busy GPU-hour" if busy else "")
        for row in priced
    ]
    rows = _picked([*priced, *lacking], _OF_OPTION)
    return Told(
        facts=facts_of(scenario),
        sentences=(answered.lead, *answered.sentences),
        title="Ways to get the same busy hours, cheapest first",
        lines=tuple(lines),
        tables={"options": rows},
        rests_on=tuple(_prices_behind(scenario, priced)),
    )


def _prices_behind(scenario: Scenario, priced: list[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """The price or rate of each option with its source, where it is not that of the scenario."""
    own = (row for row in inputs_of_report(scenario) if row["name"] in PRICES)
    seen = {tuple(row[name] for name in _OF_PRICE) for row in own}
    # Where hardware stands does not change its price.
    for row in {one["option"]: one for one in reversed(priced)}.values():
        asked = what_if(scenario, row["option"], row["hosting"] or None)
        name = RATE if row["option"] in RENTING else LEASE if row["option"] == "lease" else PRICE
        known = next(one for one in inputs_of_report(asked) if one["name"] == name)
        key = tuple(known[name] for name in _OF_PRICE)
        if key in seen:
            continue
        seen.add(key)
        yield _origin(known, f"{known['label']}, {named(row['option'])}", of=row["option"])


def _origin(row: Mapping[str, Any], label: str, **more: Any) -> dict[str, Any]:
    """What a number rests on that is no input of the scenario as it was asked."""
    told = ("name", "value", "unit", "status", "source", "url", "as_of", "age_days", "note")
    found = {name: row[name] for name in told if row.get(name) not in (None, "")}
    return {"name": row["name"], "label": label, **more, **found}


def _flips(answered: Answered) -> Told:
    rows = records(turning_first(answered.frames["flips"]))
    turning = [row for row in rows if row["flip"] is not None]
    facts = facts_of(_of(answered))
    return Told(
        facts=facts,
        sentences=(answered.lead, *_verdict(facts)[:1], *answered.sentences),
        title="Break-even values, those within the usual range of the input first",
        lines=tuple(map(_flip, turning)),
        tables={"flips": [*turning, *(row for row in rows if row["flip"] is None)]},
    )


def _flip(row: Mapping[str, Any]) -> str:
    """The break-even value of an input in a line."""
    name = row["input"]
    declared = INPUTS.get(name)
    label = declared.label if declared else name.replace("_", " ")
    now, flip = (
        per(declared.written(row[one]), declared.unit)
        if declared
        else quantity(row[one], row["unit"])
        for one in ("value", "flip")
    )
    note = row["note"] or ("" if row["in_range"] else "outside low to high")
    return f"{label}: {now} now, break-even at {flip}{f' ({note})' if note else ''}"


def per(amount: str, unit: str) -> str:
    """An amount of money with what it is for; anything else as it is.

    >>> per("$44", "USD per GPU per month"), per("60 %", "share")
    ('$44 per GPU per month', '60 %')
    """
    return f"{amount}{unit[3:]}" if of_unit(unit) else amount


def _work(answered: Answered) -> Told:
    found = answered.content["work"]
    names = ("output_tokens_per_s", "basis", "low", "high")
    speed = of_replica(*(found[name] for name in names))
    tables = {}
    if "flips" in answered.frames:
        tables["flips"] = records(turning_first(answered.frames["flips"]))
    facts = facts_of(_of(answered))
    return Told(
        facts=facts,
        sentences=(
            answered.lead,
            f"{speed}: {found['reason']}.",
            *answered.sentences,
            *_verdict(facts),
        ),
        title="Break-even values",
        lines=tuple(_flip(row) for row in tables.get("flips", []) if row["flip"] is not None),
        results=_flat(found),
        tables=tables,
        rests_on=tuple(_behind_work(answered, found)),
        follow=_FOLLOW,
    )


def _behind_work(answered: Answered, found: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    """The speed, the model and the API prices that an answer about work rests on."""
    cited = answered.catalogue.cited
    speed = {"name": "output_tokens_per_s", "value": found["output_tokens_per_s"], "unit": "tok/s"}
    rows = found["speed"]["rows"]
    sources = dict.fromkeys(row["source_id"] for row in rows if row.get("source_id"))
    said = "; ".join(cited(one)[0] for one in sources) or found["reason"]
    dates = sorted(row["as_of"] for row in rows if row.get("as_of"))
    of_speed = {"status": found["basis"], "source": said}
    of_speed["as_of"] = dates[-1] if dates else answered.catalogue.newest
    yield {**speed, "label": "Speed of a replica", **of_speed}
    model = models()[found["model"]]
    source, url = cited(model.source_id)
    of_model = {"name": "model", "label": "Model", "value": found["model"], "status": "default"}
    yield {**of_model, "source": source, "url": url, "as_of": model.as_of}
    if found["api_usd_per_million_tokens"] is None:
        return
    asked = [row for row in api_prices(found["model"]) if not row.doubtful]
    sources = dict.fromkeys(row.source_id for row in asked)
    of_api = {"name": "api_usd_per_million_tokens", "label": "API price, middle of the providers"}
    of_api |= {"value": found["api_usd_per_million_tokens"], "unit": "USD per million tokens"}
    providers = counted(len({row.provider for row in asked}), "provider")
    source = "; ".join(cited(one)[0] for one in sources)
    dated = max((row.as_of for row in asked), default="")
    yield {**of_api, "status": "default", "source": f"{providers}: {source}", "as_of": dated}


def _fleet(answered: Answered) -> Told:
    found, costs = answered.content["fleet"], records(answered.frames["costs"])
    units = answered.frames["plan"]
    lines = [
        f"{row['plan'].capitalize()}: {counted(row['gpus_owned'], 'GPU')} owned, "
        f"{whole_usd(row['present_value_usd'])}"
        for row in costs
    ]
    tables = {"costs": costs, "purchases": list(found["calendar"])}
    tables["plan"] = records(compacted(units))
    mean = float(units["utilization"].mean())
    whole: dict[str, Any] = {"gpus": found["needed"], "utilization": min(1.0, mean)}
    facts = facts_of(replace(_of(answered), **whole))
    return Told(
        facts=facts,
        sentences=(
            *answered.sentences,
            f"For all {counted(found['needed'], 'GPU')} at their mean utilization: "
            f"{_verdict(facts)[0]}",
        ),
        title="What plans cost, in present value",
        lines=tuple(lines),
        results=_flat(found),
        tables=tables,
        follow=_FOLLOW,
    )


def _offers(answered: Answered) -> Told:
    rows = records(answered.frames["offers"])
    ordered = [row for row in rows if row["comparable"]]
    ordered += [row for row in rows if not row["comparable"]]
    usual = answered.content["default_rate"]["usd_per_gpu_hour"]
    alike = sum(bool(row["comparable"]) for row in rows)
    return Told(
        sentences=(
            *answered.sentences,
            f"{counted(len(rows), 'offer')} known, {alike:,} of them comparable.",
        ),
        title="Offers per GPU-hour, comparable ones first",
        lines=tuple(map(_offer, ordered)),
        results={} if usual is None else {"default_rate_usd_per_gpu_hour": usual},
        tables={
            "quantiles": records(answered.frames["quantiles"]),
            "offers": _picked(ordered, _OF_OFFER),
        },
        statuses={"offers": OBSERVED},
        more="ask with provider=…, term=… or region=…",
    )


def _offer(row: Mapping[str, Any]) -> str:
    place = " ".join(dict.fromkeys(filter(None, (row["region"], row["country"]))))
    said = f"{row['provider']} {row['instance']}, {row['term']}, {place}: "
    said += rate_text(row["usd_per_gpu_hour"])
    why = "" if row["comparable"] else f"; not comparable: {row['why_not']}"
    return f"{said} ({row['as_of']}, {row['source'].partition(':')[0]}{why})"


def _recheck(answered: Answered) -> Told:
    found = answered.content
    moves = list(found["moves"])
    lines = [
        f"{INPUTS[row['input']].label}: {INPUTS[row['input']].written(row['then'])} then, "
        f"{INPUTS[row['input']].written(row['now'])} now, which changes the saving by "
        f"{usd(row['effect_usd'])}"
        for row in moves
    ]
    facts = facts_of(_of(answered))
    return Told(
        facts=facts,
        sentences=(
            *(one for one in answered.sentences if one != facts.headline),
            *_verdict(facts)[:1],
        ),
        title="What moved",
        lines=tuple(lines),
        results=_flat(found),
        tables={"moves": moves} if moves else {},
    )


# -- Lists


def _gpus(answered: Answered) -> Told:
    data, rows = data_of(answered.catalogue), list[dict[str, Any]]()
    for row in answered.content["gpus"]:
        resolved = Scenario(gpu=row["gpu"], **data).resolved()
        told = {name: value for name, value in row.items() if name not in PRICES}
        for name in PRICES:
            entry = resolved[name]
            source = _publishers(answered.catalogue, entry.source_id) or entry.note
            of_it = {"value": entry.value, "unit": entry.unit, "status": entry.status}
            told[name] = {**of_it, "source": source, "as_of": entry.as_of}
        rows.append(told)
    return Told(
        sentences=(_names("GPU", [row["gpu"] for row in rows]),),
        title="GPUs",
        lines=tuple(map(_gpu, rows)),
        tables={"gpus": rows},
        most=30,
        statuses={"gpus": DEFAULT},
        more=f"{_ABOUT}H100",
    )


def _publishers(catalogue: Catalogue, source_ids: str) -> str:
    """Whose figures they are, in short: one or two publishers, and how many more."""
    known = catalogue.sources
    names = [known[one].publisher if one in known else one for one in source_ids.split()]
    first, rest = list(dict.fromkeys(names))[:2], len(dict.fromkeys(names)) - 2
    return "; ".join([*first, *([f"{rest} more"] if rest > 0 else [])])


def _gpu(row: Mapping[str, Any]) -> str:
    said = []
    for word, name, write in (("buy", PRICE, whole_usd), ("rent", RATE, rate_text)):
        one = row[name]
        dated = f" ({one['as_of']})" if one["as_of"] else ""
        price = "no price known" if one["value"] is None else f"{write(one['value'])}{dated}"
        said.append(f"{word} {price}")
    return (
        f"{row['gpu']}: {number(row['memory_gb'])} GB, {number(row['gpu_w'])} W, {', '.join(said)}"
    )


def _inputs(answered: Answered) -> Told:
    rows = answered.content["inputs"]
    return Told(
        sentences=(_names("input", [row["name"] for row in rows]),),
        title="Inputs",
        lines=tuple(map(_input, rows)),
        tables={"inputs": _picked(rows, (*_OF_INPUT, "meaning"))},
        most=40,
        statuses={"inputs": DEFAULT},
        more=f"{_ABOUT}electricity",
    )


def _input(row: Mapping[str, Any]) -> str:
    default = row["default"]
    usual = (
        str(default).lower() if isinstance(default, bool) else INPUTS[row["name"]].written(default)
    )
    dated = " ".join(filter(None, (row["status"], row["as_of"])))
    unit = f"{row['unit']}, " if row["unit"] else ""
    told = f"{row['meaning']}; {unit}{row['domain']}; default {usual} ({dated})"
    return f"{row['name']}: {told}"


def _models(answered: Answered) -> Told:
    rows = _picked(records(answered.frames["models"]), _OF_MODEL)
    lines = [
        f"{row['model']}: {number(row['parameters'] / _BILLION)} billion parameters, "
        f"context {row['context']:,} ({row['source'].partition(':')[0]}, {row['as_of']})"
        for row in rows
    ]
    return Told(
        sentences=(_names("model", [row["model"] for row in rows]),),
        title="Models",
        lines=tuple(lines),
        tables={"models": rows},
        most=60,
        statuses={"models": DEFAULT},
        more=f"{_ABOUT}Qwen",
    )


def _names(noun: str, names: list[str]) -> str:
    """How many there are, and what they are called."""
    if not names:
        return f"There is no {noun} of that name."
    return f"{counted(len(names), noun)}: {', '.join(names)}."


_TOLD: dict[str, Callable[[Answered], Told]] = {
    "breakeven": _breakeven,
    "options": _options,
    "flips": _flips,
    "work": _work,
    "fleet": _fleet,
    "offers": _offers,
    "recheck": _recheck,
    "gpus": _gpus,
    "inputs": _inputs,
    "models": _models,
}
