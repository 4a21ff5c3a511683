"""Rent GPUs or buy them? Total cost of ownership against rental, answered with sources.

>>> import tco
>>> answer = tco.breakeven(gpu="L4", utilization=0.6)
>>> answer.verdict in ("buy", "rent", "toss_up")
True
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tco.errors import DataError, InputError, TcoError
from tco.version import __version__

if TYPE_CHECKING:
    from tco import catalog
    from tco.analysis.accounting import Accounting, accounting
    from tco.analysis.actuals import Actuals, actuals
    from tco.analysis.bridge import bridge
    from tco.analysis.by_speed import SpeedBreakeven, speed_breakeven
    from tco.analysis.decision import Decision, decide
    from tco.analysis.fleet import fleet
    from tco.analysis.fleet_plan import Fleet
    from tco.analysis.flips import flips
    from tco.analysis.goal import Goal, goal
    from tco.analysis.history import history, offer_quantiles, offers, trends
    from tco.analysis.lease import lease_rate_of
    from tco.analysis.measures import Measures, measures
    from tco.analysis.options import options, screening
    from tco.analysis.other_work import OtherJob, Training, other_work, training
    from tco.analysis.recheck import Recheck, recheck
    from tco.analysis.sensitivity import response, responses, stress, tornado, win_map
    from tco.analysis.serverless import Serverless, serverless
    from tco.analysis.simulation import simulate
    from tco.analysis.substitutes import ApiComparison, compare_api, substitutes
    from tco.analysis.successor import Successor, successor
    from tco.analysis.sweep import answer_frame, sweep
    from tco.analysis.work import Work, work
    from tco.finance.lease import LeaseRate, lease_rate
    from tco.inputs.lines import Line
    from tco.inputs.values import InputValues
    from tco.market.policy import Policy, read_policy
    from tco.market.store import PriceStore
    from tco.model.bill import from_bill
    from tco.model.breakeven import Breakeven, breakeven
    from tco.model.ledger import Rack, curves, ledger, rack
    from tco.report.currency import in_currency
    from tco.scenario import Scenario
    from tco.workload.calibration import calibrate
    from tco.workload.demand_curve import DemandCurve
    from tco.workload.demand_reading import demand_curve
    from tco.workload.fit import Fit, fit
    from tco.workload.listing import measured_rows, models, use_cases
    from tco.workload.other import OtherSpeed, other_speed
    from tco.workload.speed import Speed, speed

__all__ = [
    "Accounting",
    "Actuals",
    "ApiComparison",
    "Bill",
    "Breakeven",
    "DataError",
    "Decision",
    "DemandCurve",
    "Fit",
    "Fleet",
    "Goal",
    "InputError",
    "InputValues",
    "LeaseRate",
    "Line",
    "Measures",
    "OtherJob",
    "OtherSpeed",
    "Policy",
    "PriceStore",
    "Rack",
    "Recheck",
    "Scenario",
    "Serverless",
    "Speed",
    "SpeedBreakeven",
    "Successor",
    "TcoError",
    "Telemetry",
    "Training",
    "Work",
    "__version__",
    "accounting",
    "actuals",
    "answer_frame",
    "breakeven",
    "bridge",
    "calibrate",
    "catalog",
    "compare_api",
    "curves",
    "decide",
    "demand_curve",
    "fit",
    "fleet",
    "flips",
    "from_bill",
    "goal",
    "history",
    "in_currency",
    "lease_rate",
    "lease_rate_of",
    "ledger",
    "measured_rows",
    "measures",
    "models",
    "offer_quantiles",
    "offers",
    "options",
    "other_speed",
    "other_work",
    "rack",
    "read_bill",
    "read_policy",
    "read_telemetry",
    "recheck",
    "response",
    "responses",
    "screening",
    "serverless",
    "simulate",
    "speed",
    "speed_breakeven",
    "stress",
    "substitutes",
    "successor",
    "sweep",
    "tornado",
    "training",
    "trends",
    "use_cases",
    "win_map",
    "work",
]


# What is loaded when it is asked for, and from where: no command of the shell needs all of it.
_LATER = {
    "flips": "analysis.flips",
    **dict.fromkeys(("history", "offer_quantiles", "offers", "trends"), "analysis.history"),
    "lease_rate_of": "analysis.lease",
    **dict.fromkeys(("Measures", "measures"), "analysis.measures"),
    **dict.fromkeys(("options", "screening"), "analysis.options"),
    **dict.fromkeys(
        ("response", "responses", "stress", "tornado", "win_map"), "analysis.sensitivity"
    ),
    "simulate": "analysis.simulation",
    **dict.fromkeys(("answer_frame", "sweep"), "analysis.sweep"),
    **dict.fromkeys(("LeaseRate", "lease_rate"), "finance.lease"),
    "Line": "inputs.lines",
    "PriceStore": "market.store",
    "from_bill": "model.bill",
    **dict.fromkeys(("Breakeven", "breakeven"), "model.breakeven"),
    **dict.fromkeys(("Rack", "curves", "ledger", "rack"), "model.ledger"),
    "in_currency": "report.currency",
    "Scenario": "scenario",
    "InputValues": "inputs.values",
    **dict.fromkeys(("Accounting", "accounting"), "analysis.accounting"),
    **dict.fromkeys(("ApiComparison", "compare_api", "substitutes"), "analysis.substitutes"),
    **dict.fromkeys(("Actuals", "actuals"), "analysis.actuals"),
    **dict.fromkeys(("Decision", "decide"), "analysis.decision"),
    **dict.fromkeys(("Recheck", "recheck"), "analysis.recheck"),
    **dict.fromkeys(("Policy", "read_policy"), "market.policy"),
    **dict.fromkeys(("Serverless", "serverless"), "analysis.serverless"),
    **dict.fromkeys(("Successor", "successor"), "analysis.successor"),
    **dict.fromkeys(("SpeedBreakeven", "speed_breakeven"), "analysis.by_speed"),
    **dict.fromkeys(("Work", "work"), "analysis.work"),
    **dict.fromkeys(("Bill", "read_bill"), "bills.bill"),
    **dict.fromkeys(("Telemetry", "read_telemetry"), "bills.telemetry"),
    "calibrate": "workload.calibration",
    "DemandCurve": "workload.demand_curve",
    "demand_curve": "workload.demand_reading",
    **dict.fromkeys(("Fit", "fit"), "workload.fit"),
    "Fleet": "analysis.fleet_plan",
    "fleet": "analysis.fleet",
    "bridge": "analysis.bridge",
    **dict.fromkeys(("Goal", "goal"), "analysis.goal"),
    **dict.fromkeys(("measured_rows", "models", "use_cases"), "workload.listing"),
    **dict.fromkeys(("OtherSpeed", "other_speed"), "workload.other"),
    **dict.fromkeys(("Speed", "speed"), "workload.speed"),
    **dict.fromkeys(("OtherJob", "Training", "other_work", "training"), "analysis.other_work"),
}


def __getattr__(name: str) -> Any:
    if name == "catalog":
        return import_module("tco.catalog")
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"tco.{_LATER[name]}"), name)
