"""Questions about one scenario: its break-even, its ledger, and what would change the answer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tco.model.items import SIDES
from tco.questions.answer import Answered, Question, records
from tco.questions.asked import FLAG, NUMBER, TEXT, Asked
from tco.words import futures, headline, of_owner
from tco.workload.domains import Domain

if TYPE_CHECKING:
    from tco.analysis.simulation import Simulation
    from tco.model.breakeven import Breakeven
    from tco.scenario import Scenario

_DRAWS = Domain(1, 10**7, "number of simulated futures", whole=True)
_SEED = Domain(
    0, 10**12, "seed of the random numbers; the same seed gives the same numbers", whole=True
)
_COUNT = Domain(1, 1_000, "number of inputs listed", whole=True)
_POINTS = Domain(2, 1_001, "number of values of each input", whole=True)


def inputs_of_report(scenario: Scenario) -> list[dict[str, Any]]:
    """Every input with its value, unit, status, source and date, as rows of the report."""
    from tco.report.csv import input_rows
    from tco.report.schema import REPORT_COLUMNS

    columns = tuple(REPORT_COLUMNS)[1:]
    return [dict(zip(columns, row[1:], strict=True)) for row in input_rows(scenario)]


def odds_results(found: Simulation | None) -> dict[str, Any]:
    """What the odds say, in plain types; None stands for "none"."""
    from tco.report.schema import ODDS_MEANINGS

    told = {name: getattr(found, name, "") for name in ODDS_MEANINGS}
    return {name: None if value == "" else value for name, value in told.items()}


def odds_sentence(found: Simulation) -> str:
    """What the odds say, in words."""
    return " ".join(filter(None, (futures(found.dots(20)), found.median_future)))


def of_breakeven(answer: Breakeven, found: Simulation | None = None) -> Answered:
    """A break-even and, if it was simulated, how sure it is."""
    scenario = answer.scenario
    return Answered(
        catalogue=scenario.catalogue,
        conversion=scenario.conversion,
        scenario=scenario,
        content={
            "scenario": scenario.to_dict(),
            "inputs": inputs_of_report(scenario),
            "results": {**answer.to_dict(), **odds_results(found)},
        },
        sentences=tuple(filter(None, (answer.reason, odds_sentence(found) if found else ""))),
    )


def _breakeven(scenario: Scenario, asked: dict[str, Any]) -> Answered:
    from tco.analysis.simulation import simulate
    from tco.model.breakeven import breakeven

    found = simulate(scenario) if asked.get("odds") else None
    return of_breakeven(breakeven(scenario), found)


def of_report(scenario: Scenario, odds: Simulation | None) -> Answered:
    """The inputs with their sources, all results, the odds behind the verdict, and the measures."""
    from tco.analysis.measures import measures
    from tco.model.breakeven import breakeven
    from tco.report.csv import energy_results

    answered = of_breakeven(breakeven(scenario), odds)
    results = {**answered.content["results"], **energy_results(scenario)}
    told = {**answered.content, "results": results, "measures": measures(scenario).to_dict()}
    return replace(answered, content=told)


def _report(scenario: Scenario, _asked: dict[str, Any]) -> Answered:
    import pandas as pd

    from tco.analysis.simulation import odds_of
    from tco.model.breakeven import breakeven
    from tco.report.csv import report_csv, report_rows
    from tco.report.schema import REPORT_COLUMNS

    frame = pd.DataFrame(report_rows(breakeven(scenario)), columns=list(REPORT_COLUMNS))
    answered = of_report(scenario, odds_of(scenario)[0])
    files = {"report": lambda: report_csv(scenario)}
    return replace(answered, frames={"report": frame}, files=files)


def _ledger(scenario: Scenario, asked: dict[str, Any]) -> Answered:
    import pandas as pd

    from tco.model.ledger import ledger_table
    from tco.report.csv import stamped_ledger

    columns, rows = ledger_table(scenario, asked.get("option"))
    frame = pd.DataFrame(rows, columns=list(columns))
    return Answered(
        catalogue=scenario.catalogue,
        conversion=scenario.conversion,
        scenario=scenario,
        content={"scenario": scenario.to_dict(), "ledger": records(frame)},
        frames={"ledger": frame},
        files={"ledger": lambda: stamped_ledger(scenario, columns, rows)},
    )


def _tables(
    scenario: Scenario,
    frames: dict[str, Any],
    sentences: tuple[str, ...] = (),
    lead: str = "",
    **more: Any,
) -> Answered:
    """An answer of frames, with what is unusual about the values of the scenario."""
    from tco.scenario.notes import notes

    said = [*notes(scenario).values()]
    listed = {name: records(frame) for name, frame in frames.items()}
    return Answered(
        catalogue=scenario.catalogue,
        conversion=scenario.conversion,
        scenario=scenario,
        content={"scenario": scenario.to_dict(), "notes": said, **more, **listed},
        frames=frames,
        lead=of_owner(lead, scenario.values()),
        sentences=(*sentences, *(f"Note: {note}" for note in said)),
    )


def _options(scenario: Scenario, _asked: dict[str, Any]) -> Answered:
    from tco.analysis.options import options_and_screening
    from tco.report.option_tables import finding

    frame, lines = options_and_screening(scenario)
    said = finding(frame, lines, scenario.values()["utilization"])
    return _tables(scenario, {"options": frame}, lead=said)


def _flips(scenario: Scenario, _asked: dict[str, Any]) -> Answered:
    from tco.analysis.flips import flips
    from tco.report.risk_tables import flips_title

    found = flips(scenario)
    return _tables(scenario, {"flips": found}, lead=f"{flips_title(found)}.")


def _tornado(scenario: Scenario, asked: dict[str, Any]) -> Answered:
    from tco.analysis.sensitivity import tornado
    from tco.report.risk_tables import tornado_title

    found = tornado(scenario, count=asked.get("count", 12))
    return _tables(scenario, {"tornado": found}, lead=f"{tornado_title(found)}.")


def _stress(scenario: Scenario, _asked: dict[str, Any]) -> Answered:
    from tco.analysis.sensitivity import stress
    from tco.report.risk_tables import stress_title

    found = stress(scenario)
    base, *turns = found.to_dict("records")
    return _tables(scenario, {"stress": found}, lead=f"{stress_title(turns, base['verdict'])}.")


def _simulate(scenario: Scenario, asked: dict[str, Any]) -> Answered:
    from tco.analysis.simulation import simulate
    from tco.model.breakeven import breakeven

    found = simulate(scenario, **asked)
    word = {"verdict": breakeven(scenario).verdict, "confidence": found.confidence}
    more: dict[str, Any] = {name: text or None for name, text in word.items()}
    more["median_future"] = found.median_future or None
    said = tuple(filter(None, (headline(**word), found.median_future)))
    frames = {"summary": found.summary(), "drivers": found.drivers}
    return _tables(scenario, frames, said, **more)


def _measures(scenario: Scenario, _asked: dict[str, Any]) -> Answered:
    import pandas as pd

    from tco.analysis.measures import measures
    from tco.report.finance_tables import MEASURE_REPORT_COLUMNS, measure_report_rows

    found = measures(scenario)
    frame = pd.DataFrame(measure_report_rows(found), columns=list(MEASURE_REPORT_COLUMNS))
    answered = _tables(scenario, {"measures": frame})
    return replace(answered, content={**answered.content, "measures": found.to_dict()})


def _win_map(scenario: Scenario, asked: dict[str, Any]) -> Answered:
    from tco.analysis.sensitivity import win_map
    from tco.report.risk_tables import map_title

    found, values = win_map(scenario, **asked), scenario.values()
    x, y = (values[str(name)] for name in found.columns[:2])
    return _tables(scenario, {"win_map": found}, lead=f"{map_title(found, (x, y))}.")


def _axis(name: str, meaning: str) -> Asked:
    """An input along which a map is drawn."""

    def check(text: str) -> None:
        from tco.analysis.savings import numeric_input

        numeric_input(text, name)

    return Asked(name, TEXT, meaning, check=check)


def _rack(scenario: Scenario, _asked: dict[str, Any]) -> Answered:
    import pandas as pd

    from tco.model.ledger import rack

    full = rack(scenario)
    found = vars(full)
    return Answered(
        catalogue=scenario.catalogue,
        conversion=scenario.conversion,
        scenario=scenario,
        content={"scenario": scenario.to_dict(), "rack": found},
        frames={"rack": pd.DataFrame([found])},
        lead=full.sentence,
        rows=(found,),
    )


QUESTIONS = (
    Question(
        name="breakeven",
        summary="Whether renting or buying is cheaper, and when buying pays back.",
        answer=_breakeven,
        takes=(Asked("odds", FLAG, "add how sure the verdict is, from simulated futures"),),
    ),
    Question(
        name="report",
        summary="Inputs with their sources, all results, and the financial measures.",
        answer=_report,
        tables=("report",),
    ),
    Question(
        name="ledger",
        summary="Every cost of both sides, item by item and month by month.",
        answer=_ledger,
        takes=(Asked("option", TEXT, "only this side", choices=SIDES),),
        tables=("ledger",),
    ),
    Question(
        name="options",
        summary="Every way to get the same busy hours, rented or owned, cheapest first.",
        answer=_options,
        tables=("options",),
    ),
    Question(
        name="flips",
        summary="The break-even value of each input, and how steeply the saving changes there.",
        answer=_flips,
        tables=("flips",),
    ),
    Question(
        name="tornado",
        summary="Which inputs move the saving most between their low and high values.",
        answer=_tornado,
        takes=(Asked.of("count", _COUNT),),
        tables=("tornado",),
    ),
    Question(
        name="stress",
        summary="The answer in stress scenarios: falling rents, a shortage, no resale value and "
        "others.",
        answer=_stress,
        tables=("stress",),
    ),
    Question(
        name="simulate",
        summary="The probability that buying is cheaper, and which inputs drive it.",
        answer=_simulate,
        takes=(Asked.of("draws", _DRAWS), Asked.of("seed", _SEED)),
        tables=("summary", "drivers"),
    ),
    Question(
        name="measures",
        summary="NPV, IRR, MIRR, paybacks, equivalent annual costs, cash by year, and lease versus "
        "buy.",
        answer=_measures,
        tables=("measures",),
    ),
    Question(
        name="win_map",
        summary="What buying saves, and the verdict, across the ranges of two inputs.",
        answer=_win_map,
        takes=(
            _axis("x", "the first input, such as utilization"),
            _axis("y", "the second input, such as rate_usd_per_gpu_hour"),
            Asked("points", NUMBER, _POINTS.meaning, _POINTS),
        ),
        tables=("win_map",),
    ),
    Question(
        name="rack",
        summary="GPUs and power of one full rack, racks needed, and which limit binds.",
        answer=_rack,
        tables=("rack",),
    ),
)
