"""A scenario to hand over: with the date of its data, and as the Python call that answers it."""

from __future__ import annotations

from dataclasses import replace

from tco.model.breakeven import one_scenario
from tco.scenario import Scenario
from tco.version import MODEL_VERSION, __version__


def dated(scenario: Scenario) -> Scenario:
    """The scenario with the date of its data given, for everybody who has the shipped data.

    Its answer stays the same when newer data is shipped.

    >>> dated(Scenario(gpu="T4", as_of="2026-09-01"))
    Scenario(gpu='T4', as_of='2026-09-01')
    >>> "as_of" in dated(Scenario()).given
    True
    """
    plain = scenario.on_shipped_data()
    return replace(plain, as_of=plain.values()["as_of"])


def made_by(scenario: Scenario) -> str:
    """What made an answer: package, model version, date of the data.

    >>> made_by(Scenario(as_of="2026-09-01")).split(", ")[-1]
    'data as of 2026-09-01'
    """
    as_of = scenario.values()["as_of"]
    return f"gpu-tco {__version__}, model version {MODEL_VERSION}, data as of {as_of}"


def snippet(scenario: Scenario) -> str:
    """The call of `tco.breakeven` that gives a scenario's answer, as Python; InputError for tables.

    >>> print(snippet(Scenario(gpu="T4", utilization="0.4..0.6", as_of="2026-09-01")))
    ... # doctest: +ELLIPSIS
    # gpu-tco ..., data as of 2026-09-01
    import tco
    <BLANKLINE>
    answer = tco.breakeven(
        gpu='T4',
        as_of='2026-09-01',
        utilization='0.4..0.6',
    )
    print(answer.reason)
    """
    if scenario.is_table:
        raise one_scenario("the Python code")
    asked = dated(scenario)
    lines = "\n".join(f"    {name}={value!r}," for name, value in asked.to_dict().items())
    call = f"answer = tco.breakeven(\n{lines}\n)"
    return f"# {made_by(asked)}\nimport tco\n\n{call}\nprint(answer.reason)"
