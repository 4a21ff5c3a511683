"""The user's own lines in the app: uploaded, shown, kept in the link, removed."""

import json
import random

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState

import tco
from tco import Line, Scenario
from tco.app import report_page
from tco.app.report_page import Lines, read
from tco.errors import TcoError
from tco.inputs.lines import BASES, GROWTHS, MULTIPLIED, SIDES, WHENS
from tco.market.catalogue import load
from tco.report.facts import facts_of
from tco.report.handover import dated, pin, pins_json
from tco.report.line_table import CHOICES, edited, table
from tco.scenario.link import decode, encode
from tests.app.helpers import captions, html_of, opened, slide, texts, widget
from tests.model.test_second_model import drawn_line

FORMULA, MARKUP = "=cmd|' /C calc'!A0", "<img src=x onerror=alert(1)>"
ADMIN = Line(name="administrator", side="own", usd=2_500)
LET = Line(name=MARKUP, side="own", usd=-0.05, basis="idle_gpu_hour")
LINED = Scenario(gpu="L4", utilization=0.9, lines=[ADMIN, LET])
TABLE = f"name;side;usd;basis;when\nadministrator;own;2500;;\n{FORMULA};rent;-12,5;gpu;\n"


def link(scenario=LINED):
    return encode(scenario)


def uploaded(app, name, content):
    app.get("file_uploader")[0].set_value((name, content.encode(), "text/csv"))
    return app.run()


def lines_of(app):
    told = app.query_params.items()
    one = {name: text if isinstance(text, str) else text[-1] for name, text in told}
    return decode(one).scenario.lines


def test_a_link_with_lines_decides_with_them():
    app = opened(**link())
    assert not app.exception
    facts = facts_of(LINED)
    assert facts.verdict == "rent"
    assert facts_of(Scenario(gpu="L4", utilization=0.9)).verdict == "buy"
    assert facts.sentences[0] in html_of(app).replace("&#x27;", "'")
    assert "2 lines of your own" in captions(app)
    shown = next(one.value for one in app.dataframe if "amount" in one.value)
    assert shown["line"].tolist() == ["administrator", MARKUP]
    assert shown["amount"].tolist() == [
        "$2,500 a month",
        "income of $0.05 per idle GPU-hour",
    ]
    assert shown["present value"][1] < 0
    assert "<img" not in html_of(app)


def test_a_slider_keeps_them_and_a_button_removes_them():
    app = slide(opened(**link()), utilization=80)
    assert lines_of(app) == LINED.lines
    app = widget(app, "button", "remove_lines").click().run()
    assert lines_of(app) == ()
    assert "'amount'" not in str([one.value.columns.tolist() for one in app.dataframe])


def test_back_to_the_example_has_none():
    app = widget(opened(**link()), "button", "reset").click().run()
    assert not app.query_params


def test_a_bad_line_is_a_remark():
    wrong = json.dumps([ADMIN.to_dict(), {"name": "<b>", "side": "us", "usd": 1}])
    app = opened(v="1", gpu="L4", lines=wrong)
    assert not app.exception
    assert "side = &#x27;us&#x27; is not one of own, rent" in html_of(app)
    assert "administrator" in str([one.value.to_dict() for one in app.dataframe])


def test_lines_that_need_a_rack_say_so_and_can_be_removed():
    cage = Line(name="cage", side="own", usd=100, basis="rack")
    case = Scenario(gpu="H100-SXM", hosting="colo_all_in", rack_kw=1, lines=[cage])
    app = opened(**link(case))
    assert not app.exception
    assert "holds no server" in html_of(app)
    app = widget(app, "button", "remove_lines").click().run()
    assert "holds no server" not in html_of(app)


def test_a_file_of_lines_is_read():
    found = read("mine.csv", TABLE.encode(), load())
    assert found == Lines((ADMIN, Line(name=FORMULA, side="rent", usd=-12.5, basis="gpu")))
    assert read("mine.csv", b"\xef\xbb\xbf" + TABLE.encode(), load()) == found
    assert isinstance(read("t.csv", b"name,gpu\na,L4\n", load()), report_page.Table)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,side\na,own\n", "the file, row 1: no column usd"),
        ("name,side,usd\na,own,x\n", "the file, row 2: line 'a': usd = 'x' is not a number"),
        ('name,side,usd\n"a,own,1\n', "the file, line"),
        ("name,side,usd\na,own\n", "the file, row 2: 2 cells instead of 3"),
        (
            "name,side,usd\n" + "".join(f"l{at},own,1\n" for at in range(101)),
            "exceed the limit of 100",
        ),
    ],
)
def test_what_is_wrong_with_a_file_of_lines(text, said):
    with pytest.raises(TcoError, match=r".*") as wrong:
        read("mine.csv", text.encode(), load())
    assert said in str(wrong.value)


def test_an_upload_is_used_shown_and_replaced():
    app = uploaded(opened("report", gpu="L4", utilization="0.9"), "mine.csv", TABLE)
    assert "mine.csv holds 2 lines: administrator" in texts(app)
    app = widget(app, "button", "use_lines").click().run()
    assert [line.name for line in lines_of(app)] == ["administrator", FORMULA]
    code = " ".join(code.value for code in app.code)
    assert "tco.Line(name='administrator', side='own', usd=2500.0)" in code
    assert "lines=" in code
    app = uploaded(app, "other.csv", "name,side,usd\nfee,own,1\n")
    assert widget(app, "button", "use_lines").label == "Replace your lines with these"


def test_a_scenario_file_and_a_pin_bring_their_lines():
    found = read("mine.tco.json", dated(LINED).to_json().encode(), load())
    assert found == dated(LINED)
    app = uploaded(opened("report"), "mine.tco.json", dated(LINED).to_json())
    assert "2 lines of your own" in texts(app)
    app = widget(app, "button", "use").click().run()
    assert lines_of(app) == LINED.lines
    named = Line(name="verdict", side="own", usd=1)
    pins = pin(pin((), "a", LINED), "b", Scenario(gpu="L4", utilization=0.9, lines=[named]))
    app = uploaded(opened("report"), "pins.tco.json", pins_json(pins))
    app = widget(app, "button", "use").click().run()
    assert not app.exception
    page = html_of(app)
    assert "administrator<small>line of your own</small>" in page
    assert "owning: $2,500 a month" in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    app = widget(app, "button", "load_1").click().run()
    assert lines_of(app) == (named,)
    assert not tco.breakeven(Scenario(lines=[named])).scenario.is_example


# -- Edited in a table


def edit_lines(scenario=LINED):
    app = opened(**link(scenario))
    app.session_state["own_lines"] = True
    return app.run()


def edit(app, **edits):
    """The edits of one table, all at once, as a browser tells them."""
    table = app.data_editor[0]
    told = {"edited_rows": {}, "added_rows": [], "deleted_rows": []} | edits
    states = app._tree.get_widget_states()
    states.widgets.append(WidgetState(id=table.proto.id, string_value=json.dumps(told)))
    app = app._run(states)
    assert not app.exception
    return app


def test_editing_one_line_changes_that_line_alone():
    third = 1 / 3
    odd = Line(name="odd", side="rent", usd=third, basis="item:compute", cap_usd=third)
    app = edit_lines(Scenario(gpu="L4", lines=[ADMIN, odd, LET]))
    before = dict(app.query_params)
    app = edit(app, edited_rows={"0": {"amount": "$1,250"}})
    found = lines_of(app)
    assert found == (Line(name="administrator", side="own", usd=1_250), odd, LET)
    after = dict(app.query_params)
    assert before.keys() == after.keys()
    assert [name for name in before if before[name] != after[name]] == ["check", "lines"]


def test_a_line_is_added_changed_and_deleted():
    app = edit_lines(Scenario(gpu="L4"))
    row = {"line": "VAT", "amount": "19 %", "paid by": "renting", "per": "share of compute"}
    app = edit(app, added_rows=[row])
    vat = Line(name="VAT", side="rent", usd=0.19, basis="item:compute")
    assert lines_of(app) == (vat,)
    row |= {"to month": "12", "at most": "1,000"}
    app = edit(app, added_rows=[row, {"line": "fee", "amount": "45", "paid by": "owning"}])
    fee = Line(name="fee", side="own", usd=45)
    limited = Line(**vat.to_dict() | {"last_month": 12, "cap_usd": 1_000})
    assert lines_of(app) == (limited, fee)
    app = edit(edit_lines(Scenario(gpu="L4", lines=[vat, fee])), deleted_rows=[0])
    assert lines_of(app) == (fee,)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"amount": "much"}, "“amount” = &#x27;much&#x27; is not a number"),
        ({"paid by": "renting", "per": "per rack"}, "applies to owning only"),
        ({"from month": "0"}, "“from month” = 0 is not a whole number in [1, 240]"),
        ({"at most": "-1"}, "“at most” = -1 is outside"),
        ({"line": MARKUP}, "is the name of another line"),
        ({"line": "staff"}, "is the name of an item of the model"),
    ],
)
def test_a_cell_that_is_refused_says_why_and_the_line_stays(cells, said):
    app = edit(edit_lines(), edited_rows={"0": cells})
    assert said in html_of(app)
    assert lines_of(app) == LINED.lines
    # What else is edited counts, and what was refused is still said.
    app = edit(app, edited_rows={"0": cells, "1": {"amount": "-0.1"}})
    assert said in html_of(app)
    assert [line.usd for line in lines_of(app)] == [2_500, -0.1]


def test_a_line_that_is_not_finished_is_no_error():
    app = edit(edit_lines(), added_rows=[{}, {"line": "cage", "paid by": "owning"}])
    assert "cage: amount not filled in yet." in html_of(app)
    assert "Not accepted" not in html_of(app)
    assert lines_of(app) == LINED.lines


def test_nothing_typed_is_lost_when_the_table_is_closed():
    begun = {"line": "cage", "paid by": "owning"}
    app = edit(edit_lines(), edited_rows={"0": {"amount": "much"}}, added_rows=[begun, {}])
    for _ in range(2):  # however often
        app.session_state["own_lines"] = False
        app = slide(app.run(), utilization=70)
        assert not app.data_editor
        app.session_state["own_lines"] = True
        app.run()
        assert "“amount” = &#x27;much&#x27; is not a number" in html_of(app)
        assert "cage: amount not filled in yet." in html_of(app)
        shown = app.data_editor[0].value.fillna("")
        assert shown["line"].tolist() == ["administrator", MARKUP, "cage", ""]
        assert shown["amount"].tolist() == ["much", "-0.05", "", ""]
    assert lines_of(app) == LINED.lines
    app = edit(app, edited_rows={"2": {"amount": "5"}, "0": {"amount": "9"}}, deleted_rows=[1])
    assert [(line.name, line.usd) for line in lines_of(app)] == [("administrator", 9), ("cage", 5)]
    assert "not filled in yet" not in html_of(app)


def test_the_table_begins_anew_where_another_hand_changes_the_lines():
    app = edit(edit_lines(), edited_rows={"0": {"amount": "much"}})
    app = widget(app, "button", "remove_lines").click().run()
    assert lines_of(app) == ()
    assert app.data_editor[0].value.empty
    assert "much" not in html_of(app)
    # A slider changes nothing in it.
    app = edit(app, added_rows=[{"line": "fee", "amount": "45", "paid by": "owning"}])
    key = app.data_editor[0].key
    app = slide(app, utilization=70)
    assert app.data_editor[0].key == key
    assert [line.name for line in lines_of(app)] == ["fee"]


def test_every_choice_of_a_cell_has_words():
    assert {name: tuple(words) for name, words in CHOICES.items()} == {
        "side": SIDES,
        "basis": (*BASES, *(f"item:{item}" for items in MULTIPLIED.values() for item in items)),
        "when": WHENS,
        "growth": GROWTHS,
    }
    for words in CHOICES.values():
        assert len(set(words.values())) == len(words)


def test_every_line_is_itself_again_in_its_cells():
    dice = random.Random(7)
    for at in range(200):
        line = drawn_line(dice, f"line {at}")
        (again,) = edited((), {"added_rows": [table([line]).iloc[0].to_dict()]}).lines
        assert again.to_dict().keys() == line.to_dict().keys()
        assert again.usd == pytest.approx(line.usd, rel=1e-9)
