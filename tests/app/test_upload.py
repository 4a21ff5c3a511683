"""Uploads: what is read, what is refused and why; nothing in a file is run or marked up."""

import io
import json
import zipfile

import pytest

import tco
from tco import Scenario
from tco.app import pinned, report_page
from tco.app.report_page import LARGEST_BYTES, MOST_COLUMNS, MOST_ROWS, Table, read
from tco.cli.sweep import answer_rows
from tco.errors import TcoError
from tco.inputs import INPUTS
from tco.market.catalogue import load
from tco.report.handover import dated, pin, pins_json

SCRIPT = "<script>alert(1)</script>"


def opened(name, content):
    data = content if isinstance(content, bytes) else content.encode()
    return read(name, data, load())


def refusal(name, content):
    with pytest.raises(TcoError) as caught:
        opened(name, content)
    return str(caught.value)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_scenario_comes_back(mark):
    scenario = Scenario(gpu="T4", utilization=0.3, price_usd_per_gpu="900..1100")
    assert opened("mine.tco.json", mark + scenario.to_json().encode()) == scenario
    assert opened("MINE.JSON", dated(scenario).to_json()) == dated(scenario)


def test_pins_come_back():
    pins = pin(pin((), "a", Scenario()), SCRIPT, Scenario(gpu="T4"))
    assert opened("pins.tco.json", pins_json(pins)) == pins
    assert opened("pins.tco.json", pins_json(pins[:1])) == pins[:1]


TABLE = "id,gpu,utilization,pue\na,L4,0.5,\nb,T4,60,\n=1+1,L4,0.25..0.75,1.2\nd,L5\n"


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_answers_to_a_table_are_those_of_the_command(tmp_path, mark, end):
    text = mark + TABLE.replace("\n", end)
    source, target = tmp_path / "table.csv", io.StringIO()
    source.write_text(text, encoding="utf-8", newline="")
    rows, wrong = answer_rows(str(source), target)
    found = opened("table.csv", text)
    assert found == Table(rows, wrong, target.getvalue())
    assert (found.rows, found.wrong) == (4, 2)
    assert "'=1+1" in found.answers
    assert "\n=1+1" not in found.answers


def test_semicolons_come_with_decimal_commas(tmp_path):
    text = "gpu;utilization\nL4;0,5\n"
    source, target = tmp_path / "table.csv", io.StringIO()
    source.write_text(text, encoding="utf-8")
    answer_rows(str(source), target, sep=";", decimal=",")
    found = opened("table.csv", text)
    assert found == Table(1, 0, target.getvalue())
    assert opened("table.csv", "gpu;utilization\nL4;0.5\n").wrong == 1


def test_the_largest_table_is_answered():
    found = opened("t.csv", "utilization\n" + "0.5\n" * MOST_ROWS)
    assert (found.rows, found.wrong) == (MOST_ROWS, 0)
    cells = found.answers.splitlines()[-1].split(",")
    names = found.answers.splitlines()[0].split(",")
    saving = float(cells[names.index("npv_saving_usd")])
    assert saving == pytest.approx(tco.breakeven(utilization=0.5).npv_saving_usd, rel=1e-12)


def zipped():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.csv", "0" * 10**8)
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("x.txt", "gpu\nL4\n", "a file is named .json (scenarios) or .csv (a table)"),
        ("csv", "gpu\nL4\n", "a file is named .json"),
        ("x.csv", b"", "it is empty"),
        ("x.csv", " \n", "it is empty"),
        ("x.csv", "gpu\nL4\n".encode("utf-16"), "it is UTF-16: save it as UTF-8"),
        ("x.csv", "gpu\nL4\n".encode("utf-16-be"), "characters that no text has"),
        ("x.json", "{}".encode("utf-32-le"), "characters that no text has"),
        ("x.csv", "gpu,note\nL4,München\n".encode("latin-1"), "byte 14 is not UTF-8"),
        ("x.csv", b"gpu\n\xc0\xaf\n", "byte 5 is not UTF-8"),
        ("x.csv", b"gpu\n\xed\xa0\x80\n", "byte 5 is not UTF-8"),
        ("x.csv", "gpu\n" + "L4\n" * (MOST_ROWS + 1), "5,001 rows are not between 1 and 5,000"),
        ("x.csv", "gpu\n", "0 rows are not between 1 and 5,000"),
        (
            "x.csv",
            ",".join(f"c{at}" for at in range(MOST_COLUMNS + 1)),
            "129 columns are more than 128",
        ),
        ("x.csv", "gpu,gpu\nL4,L4\n", "line 1: gpu stands there twice"),
        ("x.csv", "id\n1\n", "no column is an input"),
        ("x.csv", f"{SCRIPT},gpu\n1,L4\n", f"line 1: {SCRIPT} is not an input"),
        ("x.csv", 'gpu\n"L4\n', "line"),
        ("x.csv", '"gpu\nL4\n', "line 1"),
        ("x.csv", b"x" * (LARGEST_BYTES + 1), "2,000,001 bytes are more than 2,000,000"),
        ("x.json", "[" * 100_000, "not a JSON document"),
        ("x.json", '{"a":' * 100_000, "not a JSON document"),
        ("x.json", '{"schema_version": 2, "inputs": {"pue": NaN}}', "NaN is not a number"),
        ("x.json", '{"schema_version": 2, "inputs": {"pue": -Infinity}}', "is not a number"),
        ("x.json", '{"schema_version": 2, "inputs": {"pue": 1e999}}', "pue = inf is outside"),
        ("x.json", '{"schema_version": 2, "inputs": {"pue": 1, "pue": 2}}', "stands there twice"),
        ("x.json", '{"schema_version": 2, "inputs": {"pue": [1, 2]}}', "pue holds several values"),
        ("x.json", '{"schema_version": 2, "inputs": {"gpu": {"a": 1}}}', "holds several values"),
        ("x.json", '{"schema_version": 2, "inputs": {"gpu": "=cmd()"}}', "is not in the catalogue"),
        ("x.json", '{"schema_version": 2, "scenarios": []}', "it holds no scenario"),
        ("x.json", '{"schema_version": 9, "inputs": {}}', "schema_version 9 is not one of"),
        ("x.json", "null", "a scenario document is"),
        ("x.json", '{"inputs": {"gpus": ' + "9" * 5_000 + "}}", "not a JSON document"),
    ],
)
def test_what_is_refused_says_why(name, content, says):
    message = refusal(name, content)
    assert says in message
    shown = report_page.said(message)
    assert 0 < len(shown) <= report_page._MOST_SAID + 1
    assert all(len(line) <= report_page._LONGEST_SAID for line in shown)


@pytest.mark.parametrize("name", ["bomb.csv", "bomb.json"])
def test_a_zip_bomb_is_no_text(name):
    bomb = zipped()
    assert len(bomb) < LARGEST_BYTES
    message = refusal(name, bomb)
    assert "UTF-8" in message


def test_whatever_is_wrong_can_be_sent_and_is_short():
    inputs = dict.fromkeys(list(INPUTS)[:60], "�<b>")
    message = refusal("x.json", json.dumps({"schema_version": 2, "inputs": inputs}))
    shown = report_page.said(message)
    assert shown[-1] == "and 52 more"
    "\n".join(shown).encode()
    assert report_page.said("\ud800" + "x" * 999)[0].startswith("\\ud800xxx")
    assert len(report_page._named("\ud800" * 999)) <= 6 * 61


def test_a_store_is_used_as_on_the_command_line(quoted):
    catalogue = Scenario(prices=quoted).catalogue
    found = read("x.csv", b"gpu\nL4\n", catalogue)
    names, cells = (line.split(",") for line in found.answers.splitlines())
    expected = tco.breakeven(Scenario(gpu="L4", prices=quoted)).npv_saving_usd
    assert float(cells[names.index("npv_saving_usd")]) == pytest.approx(expected, rel=1e-12)
    plain = tco.breakeven(gpu="L4").npv_saving_usd
    assert expected != pytest.approx(plain, rel=1e-3)
    document = Scenario(gpu="L4", provider="acme", prices=quoted)
    text = json.dumps({"schema_version": 2, "inputs": document.to_dict()})
    assert read("x.json", text.encode(), catalogue) == document


def test_what_was_given_is_told_in_words():
    scenario = Scenario(gpu="T4", utilization="0.4..0.6", as_of="2026-09-01")
    assert pinned.described(scenario) == "gpu T4, utilization 40 % to 60 %"
    assert pinned.described(Scenario()) == "every input at its default"
