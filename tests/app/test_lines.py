"""The user's own lines in the app: uploaded, shown, kept in the link, removed."""

import json

import pytest

import tco
from tco import Line, Scenario
from tco.app import report_page
from tco.app.report_page import Lines, read
from tco.errors import TcoError
from tco.market.catalogue import load
from tco.report.facts import facts_of
from tco.report.handover import dated, pin, pins_json
from tco.scenario.link import decode, encode
from tests.app.helpers import captions, html_of, opened, slide, texts, widget

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
    assert widget(app, "button", "use_lines").label == "Replace your lines by these"


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
