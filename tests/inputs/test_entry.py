"""What people type: the one value that it can mean, or a refusal that says how to write it."""

from __future__ import annotations

import pytest

import tco
from tco.errors import InputError
from tco.inputs import INPUTS
from tco.inputs.checks import clean
from tco.inputs.declaration import Interval
from tco.inputs.text import parse
from tco.scenario import Scenario

SHARE, PRICE, RATE = "utilization", "price_usd_per_gpu", "rate_usd_per_gpu_hour"
POWER, MONTHS, GROWTH = "electricity_usd_per_kwh", "horizon_months", "rate_growth_per_year"


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        (SHARE, "45%", 0.45),
        (SHARE, " 45 % ", 0.45),
        (SHARE, "24.5%", 0.245),
        (SHARE, "65 percent", 0.65),
        (SHARE, "4500 bps", 0.45),
        (SHARE, "0,65", 0.65),
        (SHARE, "0,650", 0.65),
        (RATE, "USD 2.800", 2.8),
        (PRICE, "12.345", 12.345),
        (PRICE, "$2.80", 2.8),
        (PRICE, "2.800k", 2800),
        ("gpu_w", "1.196 kW", 1196),
        (SHARE, ",5", 0.5),
        (SHARE, "'0.6", 0.6),
        (SHARE, "50\u00a0%", 0.5),
        (SHARE, "40%..60%", Interval(0.4, 0.6)),
        (SHARE, "４５％", 0.45),
        (SHARE, "45\u200b%", 0.45),
        (SHARE, "\ufeff0.45\u200e", 0.45),
        (SHARE, "450 ‰", 0.45),
        (SHARE, "45٪", 0.45),
        (POWER, "¢24.5", 0.245),
        ("colo_usd_per_kw_month", "$184/kW/mo", 184),
        (PRICE, "2800 US-Dollar", 2800),
        (SHARE, "45 Prozent", 0.45),
        (PRICE, "$3,200", 3200),
        (PRICE, "3`200", 3200),
        (PRICE, "3,20,000", 320_000),
        (PRICE, "3200 dollars each", 3200),
        (PRICE, "U.S. $3,200", 3200),
        (RATE, "$2.49/GPU/hr", 2.49),
        (RATE, "2.49 hourly", 2.49),
        (MONTHS, "36m", 36),
        (MONTHS, "36 mo.", 36),
        (MONTHS, "12 quarters", 36),
        ("gpus", "8x", 8),
        ("discount_rate", "8% pa", 0.08),
        ("term", "12 months", "1yr"),
        ("already_owned", "1.0", True),
        (PRICE, "3,200", 3200),
        (PRICE, "3,200.50", 3200.5),
        (PRICE, "1.234,50", 1234.5),
        (PRICE, "1 234", 1234),
        (PRICE, "1\u202f234,5", 1234.5),
        (PRICE, "1'234.50", 1234.5),
        (PRICE, "USD 3000", 3000),
        (PRICE, "3000 USD per GPU", 3000),
        (PRICE, "3k", 3000),
        (PRICE, "$3.2K", 3200),
        (PRICE, "12,5", 12.5),
        (PRICE, "2.900,-", 2900),
        (PRICE, "2'900.-", 2900),
        (PRICE, "$2,900.00 each", 2900),
        (MONTHS, "18 mths", 18),
        (PRICE, "2.9e3", 2900),
        (PRICE, "$2,000..$3,000", Interval(2000, 3000)),
        (RATE, "$0.60", 0.6),
        (RATE, "$0.60/h", 0.6),
        (RATE, "0.60 USD per GPU-hour", 0.6),
        (RATE, "60¢", 0.6),
        (RATE, "1.234", 1.234),
        (POWER, "0,29", 0.29),
        (POWER, "$0.12/kWh", 0.12),
        ("gpus", "1,000", 1000),
        ("gpus", "8.0", 8),
        ("gpus", "8 GPUs", 8),
        (MONTHS, "3 years", 36),
        (MONTHS, "36 months", 36),
        ("gpu_w", "0.7 kW", 700),
        ("gpu_w", "1,200", 1200),
        ("rack_kw", "17000 W", 17),
        (GROWTH, "−20%", -0.2),
        (GROWTH, "-20 % p.a.", -0.2),
        (GROWTH, "(20%)", -0.2),
        ("pue", "1,54", 1.54),
        ("fx_rate", "0,92", 0.92),
        ("whole_racks", "yes", True),
        ("whole_racks", "FALSCH", False),
        ("term", "On-Demand", "on_demand"),
        ("term", "1 year", "1yr"),
        ("hosting", "Own Site", "own_site"),
        ("currency", "usd", "USD"),
        ("as_of", "2026-11-21T00:00:00", "2026-11-21"),
    ],
)
def test_what_can_mean_one_thing_only(name: str, text: str, value: object) -> None:
    found, problems = clean(INPUTS[name], text)
    assert not problems
    assert found == value
    assert Scenario(**{name: text}).given[name] == value


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (SHARE, "60", "did you mean 0.6?"),
        (SHARE, "$0.60", "is an amount of money, and this input is not [share]"),
        (SHARE, "3/4", "write 0.75"),
        (SHARE, "~0.6", "write 0.6"),
        (SHARE, "40-60%", "write 0.4..0.6"),
        (SHARE, "0.4 to 0.6", "write 0.4..0.6"),
        (SHARE, "0.5±0.1", "write 0.4..0.6"),
        (SHARE, "half", "is text, not a number in [0, 1]"),
        (SHARE, "", "leave it out for the default"),
        (SHARE, "n/a", "for the default"),
        (SHARE, "#DIV/0!", "is a spreadsheet error"),
        (SHARE, "nan", "is not a number"),
        (SHARE, "-inf", "is not a number"),
        (SHARE, "1e999", "is outside [0, 1]"),
        (SHARE, "0.6.", "not a number"),
        (SHARE, "0.6 h", "has another unit, and this input is a share"),
        (SHARE, "9" * 5000, "is too long for a number"),
        (SHARE, "١٢", "not a number"),
        (
            SHARE,
            "0b1",
            "a share: share of all hours in which the GPUs do useful work, within [0, 1]",
        ),
        (SHARE, "0.45*", "write 0.45"),
        (SHARE, "=45%", "is a spreadsheet formula, not its value"),
        (SHARE, "1e-400", "is too close to 0"),
        (SHARE, "0..45", "did you mean 0..0.45?"),
        (SHARE, "0.5..65%", "write 0.005..0.65 or 0.5..0.65"),
        ("as_of", "28-Nov-2026", "write 2026-11-28"),
        (SHARE, "[0.4, 0.6]", "write 0.4..0.6"),
        (SHARE, "between 0.4 and 0.6", "write 0.4..0.6"),
        ("discount_rate", "٠.٠٨", "write 0.08"),
        (RATE, "$59.76/day", "write 2.49"),
        (RATE, "1,790/month", "write 2.452"),
        (RATE, "$21,827/year", "write 2.492"),
        (POWER, "245 $/MWh", "write 0.245"),
        (PRICE, "kr 3200", "is in crowns"),
        (PRICE, "Rs. 3200", "is in INR"),
        (PRICE, "3000 €", "is in EUR, and this input is in USD"),
        (PRICE, "CHF 3000", "is in CHF"),
        (PRICE, "A$3000", "is in AUD"),
        (PRICE, "3m", "ends in m"),
        (PRICE, "3_000", "write 3000"),
        (PRICE, "3..4k", "write 3000..4000"),
        (PRICE, "3000 W", "has another unit, and this input is in USD per GPU"),
        (PRICE, "-$500", "is outside [0, 1000000]"),
        (RATE, "3,200", "could mean 3.2 or 3200"),
        (PRICE, "USD 2.800", "could mean 2.8 or 2800"),
        (PRICE, "2.800$", "write 2.8 or 2800"),
        ("colo_usd_per_kw_month", "$1.234/month", "could mean 1.234 or 1234"),
        ("gpu_w", "2.800 W", "could mean 2.8 or 2800"),
        (RATE, "3,200p", "is in British pence (0.032 or 32 GBP)"),
        (PRICE, "EUR 2.800", "is in EUR, and this input is in USD"),
        (RATE, "0.6/month", "is per month, and this input is in USD per GPU-hour"),
        (RATE, "60ct", "in cents of an unspecified currency"),
        (POWER, "24.5", "did you mean 0.245?"),
        (POWER, "24.5p", "is in British pence (0.245 GBP)"),
        (POWER, "3,200", "write 3.2"),
        ("gpus", "1.000", "could mean 1000 or 1"),
        ("gpus", "8.5", "is not a whole number"),
        ("pue", "154%", "write 1.54"),
        ("pue", "154", "did you mean 1.54?"),
        ("pue", "1,250", "write 1.25"),
        (GROWTH, "-20", "did you mean -0.2?"),
        (MONTHS, "5e-324", "is too close to 0 for (0, 240]"),
        ("whole_racks", "maybe", "is not true or false"),
        ("term", "3y", "did you mean 3yr?"),
        ("hosting", "colocation", "did you mean colo_metered or colo_all_in?"),
        ("currency", "Euro", "write EUR"),
        ("term", "reserved", "did you mean 1yr or 3yr?"),
        ("as_of", "21.11.2026", "write 2026-11-21"),
        ("as_of", "Nov 1, 2026", "write 2026-11-01"),
        ("as_of", "1. November 2026", "write 2026-11-01"),
        ("as_of", "13.11.26", "write 2026-11-13"),
        ("as_of", "46327", "write 2026-11-01"),
        ("as_of", "2026-11-01T12:30:00Z", "write 2026-11-01"),
        ("as_of", "last week", "write it as in 2026-11-21"),
        ("as_of", "03/04/2026", "write 2026-03-04 or 2026-04-03"),
        ("fx_as_of", "2999-01-01", "is in the future"),
    ],
)
def test_what_is_refused_says_how_to_write_it(name: str, text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        Scenario(**{name: text})
    (problem,) = caught.value.problems
    assert problem.input == name
    assert problem.message.startswith(f"{name} = ")
    assert INPUTS[name].meaning in problem.message
    assert said in problem.message


@pytest.mark.parametrize(
    ("name", "text", "decimal", "value"),
    [
        (PRICE, "1.234", ",", 1234),
        (PRICE, "1.234,5", ",", 1234.5),
        (PRICE, "3,200", ",", 3.2),
        (RATE, "1,234", ",", 1.234),
        (RATE, "0.65", ",", 0.65),
        (RATE, "0,65", "", 0.65),
        (RATE, "12.5", "", 12.5),
        (PRICE, "1,234.50", "", 1234.5),
        (RATE, "1.234", ",", "could mean 1,234 or 1234"),
        (PRICE, "1.234", "", "could mean 1.234 or 1234"),
        ("gpus", "1.000", ",", "could mean 1000 or 1"),
    ],
)
def test_a_point_is_what_the_file_makes_of_it(
    name: str, text: str, decimal: str, value: object
) -> None:
    found, problems = clean(INPUTS[name], parse(INPUTS[name], text, decimal))
    assert found == value if not problems else str(value) in problems[0].message


def test_tables_and_documents_read_the_same() -> None:
    told = Scenario(utilization=["45%", "0,65", 0.5]).utilization
    assert told.tolist() == [0.45, 0.65, 0.5]
    with pytest.raises(InputError, match=r"utilization\[1\] = '60' .* did you mean 0.6"):
        Scenario(utilization=[0.5, "60"])
    document = '{"schema_version": 2, "inputs": {"utilization": "45%", "gpus": "1,000"}}'
    assert Scenario.from_json(document) == Scenario(utilization=0.45, gpus=1000)
    line = {"name": "VAT", "side": "rent", "usd": "19%", "basis": "item:compute"}
    assert tco.Scenario(lines=[line]).lines[0].usd == 0.19
    with pytest.raises(InputError, match="is in EUR"):
        tco.Scenario(lines=[line | {"usd": "12 EUR", "basis": "fixed"}])


@pytest.mark.parametrize("name", [name for name, one in INPUTS.items() if one.numeric])
def test_no_number_is_read_as_another(name: str) -> None:
    declared = INPUTS[name]
    for value in (declared.low, declared.high, (declared.low + declared.high) / 3):
        assert parse(declared, repr(value)) == value
    for text in (
        "nan",
        "inf",
        "x",
        "0x10",
        "1__0",
        "--1",
        "1e",
        "e1",
        "+",
        ".",
        ",",
        "..",
        "1.2.3",
    ):
        with pytest.raises(InputError):
            Scenario(**{name: text})


@pytest.mark.parametrize("text", ["101%", "-45%", "150 %"])
def test_a_percentage_outside_the_domain_is_no_slip_of_scale(text: str) -> None:
    with pytest.raises(InputError, match="is outside") as caught:
        Scenario(utilization=text)
    assert "did you mean" not in str(caught.value)


@pytest.mark.parametrize("zero", ["-0", "-0.0", -0.0, "−0 %"])
def test_there_is_no_negative_zero(zero: object) -> None:
    assert str(Scenario(utilization=zero).given["utilization"]) == "0.0"
