"""What is wrong is said with the labels of the inputs on every page, and with names elsewhere."""

import re

import pytest

import tco
from tco.app.typed import number
from tco.errors import InputError
from tco.inputs import INPUTS
from tco.inputs.labels import in_labels
from tests.app.helpers import html_of, opened

# Inputs that cannot be combined, of every rule.
TOGETHER = [
    {"financing": "lease"},
    {
        "financing": "lease",
        "lease_usd_per_gpu_month": 5,
        "refresh_months": 3,
        "delivery_months": 40,
    },
    {"already_owned": True, "financing": "loan"},
    {"already_owned": True, "delivery_months": 4},
    {"financing": "loan", "loan_interest_only_months": 50},
    {"hosting": "own_site", "rack_kw": 1},
    {"hosting": "own_site", "rack_units": 1},
    {"refresh_months": 12},
]
NAMES = re.compile(rf"\b({'|'.join(name for name in INPUTS if '_' in name)})\b")


@pytest.mark.parametrize("given", TOGETHER)
def test_rules_speak_names_in_python_and_labels_on_a_screen(given):
    with pytest.raises(tco.InputError) as wrong:
        tco.breakeven(**given)
    assert NAMES.search(str(wrong.value))
    told = in_labels(str(wrong.value))
    assert not NAMES.search(told)
    assert "“" in told


def test_the_page_says_labels():
    app = opened(already_owned="true", financing="loan")
    problem = "“Hardware is already owned” = yes cannot be combined with a loan"
    assert problem in html_of(app)
    assert "already_owned" not in html_of(app)


def test_what_changed_since_is_told_by_labels():
    app = opened(v="1", as_of="2025-11-30")
    assert "“Colocation fee”: $184, now $196" in html_of(app)


def test_thousands_typed_with_a_point_are_refused_in_a_box():
    with pytest.raises(InputError, match=r"could mean 2.8 or 2800.*write 2.8 or 2800$"):
        number("price_usd_per_gpu", "2.800")
    assert number("price_usd_per_gpu", "2.8") == 2.8
    assert number("rate_usd_per_gpu_hour", "2.800") == 2.8
    assert number("pue", "1.540") == 1.54


def test_a_box_suggests_in_its_own_unit():
    with pytest.raises(InputError, match=r"write 65$"):
        number("utilization", "65%%")
