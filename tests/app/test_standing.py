"""Nothing that comes and goes moves a widget: who types there would lose the keyboard."""

import pytest

from tco.scenario.link import encode
from tests.app.helpers import moved_between, opened, standing
from tests.app.test_amounts import EURO
from tests.app.test_lines import LINED


@pytest.mark.parametrize("path", ["", "risk"])  # where there are most boxes
def test_what_is_refused_moves_no_widget(path):
    app = opened(path)
    before = standing(app)
    assert before
    for box in app.text_input:
        box.set_value("x")
    app.run()
    assert not app.exception
    assert moved_between(before, standing(app)) == set()


def test_lines_and_another_currency_move_no_widget():
    before = standing(opened(gpu="L4"))
    assert moved_between(before, standing(opened(**encode(LINED), **EURO))) == set()
