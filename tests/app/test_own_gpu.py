"""A link with a GPU that the catalog does not have."""

import pytest

import tco
from tco.words import VERDICT_WORDS
from tests.app.helpers import html_of, opened, widget

LINK = {
    "v": "1",
    "gpu": "B400",
    "price_usd_per_gpu": "50000",
    "rate_usd_per_gpu_hour": "5",
    "gpu_w": "1400",
}


def test_a_link_with_a_gpu_of_ones_own_is_shown():
    app = opened(**LINK)
    assert not app.exception
    assert not app.error
    assert widget(app, "selectbox", "select--gpu").value == "B400"
    given = {"price_usd_per_gpu": 50_000, "rate_usd_per_gpu_hour": 5, "gpu_w": 1_400}
    answer = tco.breakeven(gpu="B400", **given)
    assert VERDICT_WORDS[answer.verdict] in html_of(app)
    assert dict(app.query_params) == LINK


@pytest.mark.parametrize("name", ["options", "risk", "report", "data"])
def test_so_do_the_other_pages(name):
    app = opened(name, **LINK)
    assert not app.exception
    assert not app.error


def test_without_its_figures_it_is_refused_and_named():
    app = opened(v="1", gpu="B400")
    assert not app.exception
    assert not app.error
    assert "One that is not there needs “GPU price” and “Board power”" in html_of(app)
    assert widget(app, "selectbox", "select--gpu").value == "L4"
