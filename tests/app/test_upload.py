"""Uploads: what is read, what is refused and why; nothing in a file is run or marked up."""

import io
import json
import os
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from time import sleep

import pytest

import tco
from tco import Scenario, errors
from tco.app import aside, panels, pinned, report_page, tables
from tco.app.report_page import LARGEST_BYTES, read
from tco.app.tables import MOST_COLUMNS, MOST_QUESTIONS, MOST_ROWS, Table, answers_of
from tco.errors import TcoError
from tco.inputs import INPUTS, entry, guesses
from tco.market import choice
from tco.market.catalogue import load
from tco.questions.tables import answer_rows
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
    assert opened("table.csv", "gpu;utilization\nL4;0.5\n").wrong == 0
    assert opened("table.csv", "gpu;pue\nL4;1.500\n").wrong == 1


def test_the_largest_table_is_answered():
    found = opened("t.csv", "utilization\n" + "0.5\n" * MOST_ROWS)
    assert (found.rows, found.wrong) == (MOST_ROWS, 0)
    cells = found.answers.splitlines()[-1].split(",")
    names = found.answers.splitlines()[0].split(",")
    saving = float(cells[names.index("npv_saving_usd")])
    assert saving == pytest.approx(tco.breakeven(utilization=0.5).npv_saving_usd, rel=1e-12)


def days(count):
    last = date(2026, 11, 21)
    return "as_of\n" + "".join(f"{last - timedelta(days=at)}\n" for at in range(count))


def test_more_questions_than_can_be_kept_are_refused():
    message = refusal("x.csv", days(MOST_ROWS))
    assert "5,000 different look-ups in the data" in message
    assert f"more than {MOST_QUESTIONS:,}: split it" in message


def test_no_question_of_a_table_is_worked_out_twice(monkeypatch):
    """Its answers are found again while the table is worked on, however often they are needed."""
    asked = []
    answer = choice._Chooser.answer
    monkeypatch.setattr(choice._Chooser, "answer", lambda one: asked.append(one) or answer(one))
    choice.resolve.cache_clear()
    choice.resolved_values.cache_clear()
    text = days(300) + "2026-11-21\n" * 4_000
    assert answers_of(text).rows == 4_300
    assert len(asked) == len({one.question for one in asked}) <= 302
    for cache in (choice.resolve, choice.resolved_values):
        assert cache.cache_info().maxsize >= 2 * MOST_QUESTIONS


def test_every_row_wrong_in_a_way_of_its_own_takes_its_share_of_time(monkeypatch):
    """5,000 names that nobody knows: each is compared with all names, once or twice."""
    compared = []
    near = errors.get_close_matches
    monkeypatch.setattr(
        errors, "get_close_matches", lambda *a, **k: compared.append(a) or near(*a, **k)
    )
    names = "".join(f"X{at}\n" for at in range(MOST_QUESTIONS))
    assert answers_of("gpu\n" + names).wrong == MOST_QUESTIONS
    assert len(compared) <= 8 * MOST_QUESTIONS
    compared.clear()
    assert answers_of("gpu\n" + "X" * 100_000 + "\n").wrong == 1
    assert compared == [], "no name is as long"


def test_cells_that_are_all_wrong_are_read_once_and_hints_found_for_those_named(monkeypatch):
    hints, readings = [], []
    hint, reading = entry._hint, entry._reading
    monkeypatch.setattr(entry, "_hint", lambda *a: hints.append(a) or hint(*a))
    monkeypatch.setattr(guesses, "numbers", lambda *_: None)
    monkeypatch.setattr(entry, "_reading", lambda *a: readings.append(a) or reading(*a))
    names = [name for name, one in INPUTS.items() if one.numeric and name != "commitment_months"]
    rows = [",".join(f"z{at}" for _ in names) for at in range(100)]
    assert answers_of("\n".join([",".join(names), *rows])).wrong == 100
    assert len(readings) == 100 * len(names)
    assert len(hints) <= 100 * 20 + 10 * len(names)


def test_a_file_is_read_once_also_where_it_is_wrong(monkeypatch):
    read_first = []
    content = report_page._content
    monkeypatch.setattr(
        report_page, "_content", lambda *file: read_first.append(file) or content(*file)
    )
    for _ in range(3):
        assert "no column is an input" in refusal("once.csv", "id\nonce\n")
        assert opened("once-right.csv", "gpu\nL4\n").rows == 1
    assert len(read_first) == 2


LARGE = "id,utilization\n" + "large,0.5\n" * 400


def test_a_large_table_is_left_to_a_process_that_stands_back(monkeypatch):
    monkeypatch.setattr(tables, "answers_of", _whose)
    pid, niceness = opened("large.csv", LARGE)
    assert pid != os.getpid()
    assert niceness > os.getpriority(os.PRIO_PROCESS, 0)
    assert opened("small.csv", LARGE[:200])[0] == os.getpid()
    report_page._outcome.cache_clear()


def _whose(_text, _catalogue):
    return os.getpid(), os.getpriority(os.PRIO_PROCESS, 0)


def test_its_answers_are_those_of_this_process(quoted):
    wrong = "gpu,utilization\n" + "L4,0.5\nL5,60\n" * 200
    for text in (LARGE, wrong):
        assert opened("large.csv", text) == answers_of(text)
    catalogue = Scenario(prices=quoted).catalogue
    assert read("x.csv", LARGE.encode(), catalogue) == answers_of(LARGE, catalogue)
    assert answers_of(LARGE, catalogue) != answers_of(LARGE)


def test_what_takes_too_long_or_ends_the_process_is_refused_and_the_next_file_read(monkeypatch):
    with monkeypatch.context() as busy:
        busy.setattr(tables, "answers_of", _slow)
        busy.setattr(aside, "MOST_SECONDS", 0.1)
        assert "more time or memory than one file may" in refusal("slow.csv", LARGE)
    with monkeypatch.context() as killed:
        killed.setattr(tables, "answers_of", _killed)
        assert "more time or memory than one file may" in refusal("slow.csv", LARGE)
    assert opened("slow.csv", LARGE).rows == 400


def _slow(_text, _catalogue):
    sleep(60)


def _killed(_text, _catalogue):
    os.kill(os.getpid(), 9)


def test_one_table_at_a_time(monkeypatch):
    inside, most = [], []

    class Aside:
        def submit(self, *_work):
            inside.append(1)
            return self

        def result(self, _seconds):
            most.append(len(inside))
            sleep(0.02)
            inside.pop()
            return ()

    monkeypatch.setattr("loky.get_reusable_executor", lambda **_options: Aside())
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(lambda at: opened(f"{at}.csv", LARGE), range(5)))
    assert most == [1] * 5
    report_page._outcome.cache_clear()


def zipped():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.csv", "0" * 10**8)
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("x.txt", "gpu\nL4\n", "the file name must end in .json (scenarios) or .csv (a table)"),
        ("csv", "gpu\nL4\n", "the file name must end in .json"),
        ("x.csv", b"", "it is empty"),
        ("x.csv", " \n", "it is empty"),
        ("x.csv", "gpu\nL4\n".encode("utf-16-be"), "characters that are not text"),
        ("x.json", "{}".encode("utf-32-le"), "characters that are not text"),
        ("x.csv", "name,side,usd\nMünchen,own,1\n".encode("latin-1"), "row 2: byte 0xfc is not"),
        ("x.json", b'{"a":\n"\xc0\xaf"}', "row 2: byte 0xc0 is not UTF-8"),
        (
            "x.csv",
            "gpu\n" + "L4\n" * (MOST_ROWS + 1),
            "more than 5,000 rows, which is the limit here: split it",
        ),
        ("x.csv", "gpu\n" + "\n" * 1_900_000, "no rows below the header"),
        ("x.csv", "gpu\n", "no rows below the header"),
        (
            "x.csv",
            ",".join(f"c{at}" for at in range(MOST_COLUMNS + 1)),
            "129 columns exceed the limit of 128",
        ),
        ("x.csv", "," * 999_999, "1,000,000 columns exceed the limit of 128"),
        ("x.csv", "," * 1_999_999, "a row of more than a million characters"),
        ("x.csv", "gpu,gpu\nL4,L4\n", "line 1: gpu is given twice"),
        ("x.csv", "id\n1\n", "no column is an input"),
        ("x.csv", f"{SCRIPT},gpu\n1,L4\n", f"line 1: {SCRIPT} is not an input"),
        ("x.csv", 'gpu\n"L4\n', "line"),
        ("x.csv", '"gpu\nL4\n', "line 1"),
        ("x.csv", b"x" * (LARGEST_BYTES + 1), "2,000,001 bytes exceed the limit of 2,000,000"),
        ("x.json", "[" * 100_000, "not a JSON document"),
        ("x.json", '{"a":' * 100_000, "not a JSON document"),
        ("x.json", '{"schema_version": 2, "inputs": {"pue": NaN}}', "NaN is not a number"),
        ("x.json", '{"schema_version": 2, "inputs": {"pue": -Infinity}}', "is not a number"),
        ("x.json", '{"schema_version": 2, "inputs": {"pue": 1e999}}', "pue = inf is outside"),
        ("x.json", '{"schema_version": 2, "inputs": {"pue": 1, "pue": 2}}', "is given twice"),
        ("x.json", '{"schema_version": 2, "inputs": {"pue": [1, 2]}}', "pue has several values"),
        ("x.json", '{"schema_version": 2, "inputs": {"gpu": {"a": 1}}}', "has several values"),
        ("x.json", '{"schema_version": 2, "inputs": {"gpu": "=cmd()"}}', "is not in the catalog"),
        ("x.json", '{"schema_version": 2, "scenarios": []}', "it contains no scenario"),
        ("x.json", '{"schema_version": 9, "inputs": {}}', "schema_version 9 is not one of"),
        ("x.json", "null", "a scenario document is"),
        ("x.json", '{"schema_version": 2, "inputs": {"prices": "store"}}', "not inputs: prices"),
        (
            "x.json",
            '{"schema_version": 2, "scenarios": [{"name": "a", "inputs": {"prices": "a.db"}}]}',
            "not inputs: prices",
        ),
        ("x.json", '{"schema_version": 2, "inputs": {"gpu": "' + "L" * 10**6 + '"}}', "gpu = 'LLL"),
        ("x.json", '{"inputs": {"gpus": ' + "9" * 5_000 + "}}", "not a JSON document"),
    ],
)
def test_what_is_refused_says_why(name, content, says):
    message = refusal(name, content)
    assert says in message
    shown = panels.said(message)
    assert 0 < len(shown) <= panels._MOST_SAID + 1
    assert all(len(line) <= panels._LONGEST_SAID for line in shown)


@pytest.mark.parametrize("name", ["bomb.csv", "bomb.json"])
def test_a_zip_bomb_is_no_text(name):
    bomb = zipped()
    assert len(bomb) < LARGEST_BYTES
    message = refusal(name, bomb)
    assert "UTF-8" in message


def test_whatever_is_wrong_can_be_sent_and_is_short():
    inputs = dict.fromkeys(list(INPUTS)[:60], "�<b>")
    message = refusal("x.json", json.dumps({"schema_version": 2, "inputs": inputs}))
    shown = panels.said(message)
    assert shown[-1] == "and 52 more"
    "\n".join(shown).encode()
    assert panels.said("\ud800" + "x" * 999)[0].startswith("\\ud800xxx")
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
    assert pinned.described(scenario) == "GPU T4, utilization 40 % to 60 %"
    assert pinned.described(Scenario()) == "every input at its default"


# --- JSON of unexpected shapes


def one(inputs):
    return f'{{"schema_version": 5, "inputs": {inputs}}}'


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (one('{"prices": "x"}'), "not inputs: prices"),
        (one('{"self": 1}'), "self is not an input"),
        (one('{"cls": 1, "scenario": 1}'), "cls is not an input"),
        (one('{"": 1}'), "(no name) is not an input"),
        (one('{"\\ud800": 1}'), r"'\ud800' is not an input"),
        (one('{"gpus": {"a": 1}}'), "gpus has several values"),
        (one('{"gpus": [[1]]}'), "gpus has several values"),
        (one('{"gpus": true}'), "gpus = True is true or false, not a number"),
        (one('{"whole_servers": 1}'), "whole_servers = 1 is not true or false"),
        (one('{"gpus": 1, "gpus": 2}'), "gpus is given twice"),
        (one('{"gpus": %s}' % ("9" * 5_000)), "a number of 5,000 digits"),
        (one('{"gpus": 1e400}'), "gpus = inf is not a whole number"),
        (one('{"gpus": NaN}'), "NaN is not a number"),
        (one("[1]"), "a scenario document is"),
        (one("null"), "a scenario document is"),
        ("[]", "a scenario document is"),
        ("null", "a scenario document is"),
        ("[" * 100_000, "it is nested too deeply"),
        ('{"a":' * 50_000, "it is nested too deeply"),
        ('{"schema_version": 5, "scenarios": [5]}', "each of the scenarios is"),
    ],
)
def test_json_of_any_shape_is_refused_in_words(document, why):
    with pytest.raises(TcoError) as wrong:
        read("a.json", document.encode(), load())
    assert why in str(wrong.value)
    assert len(str(wrong.value)) < 300


def test_a_wrong_header_needs_no_other_process(monkeypatch):
    monkeypatch.setattr(aside, "_ONE_AT_A_TIME", None)
    assert "columns exceed the limit" in refusal("x.csv", ",".join(["gpu"] * 3_000))
    assert "did you mean utilization?" in refusal("x.csv", "utilisation\n" + "0.5\n" * 4_000)


def test_a_decision_record_is_checked_again():
    record = tco.decide(gpu="L4", by="Ada Example", on="2026-08-01")
    assert opened("decision.tco.json", record.to_json()) == record
    edited = record.to_json().replace('"buy"', '"rent"')
    assert "was changed after it was written" in refusal("decision.tco.json", edited)
