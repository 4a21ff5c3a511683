import json
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tco import Scenario
from tco.errors import InputError
from tco.inputs import INPUTS
from tco.market.catalogue import load
from tco.scenario.link import (
    LONGEST,
    VERSION,
    changed_defaults,
    decode,
    encode,
    parameters_of,
    query,
    too_long,
)

GIVEN = {
    "gpu": "H100-SXM",
    "price_basis": "used",
    "gpus": 16,
    "utilization": 0.45,
    "horizon_months": 30.5,
    "price_usd_per_gpu": 19999.99,
    "whole_servers": True,
    "hosting": "own_site",
    "rate_growth_per_year": -0.1,
    "electricity_usd_per_kwh": 1e-05,
    "billing": "always_on",
}

HOSTILE = {
    "gpu": "<script>alert(1)</script>",
    "gpus": "8; DROP TABLE",
    "utilization": "60",
    "horizon_months": "0",
    "hours_per_month": "1e400",
    "price_usd_per_gpu": "-1",
    "server_usd": "nan",
    "gpus_per_server": "8.5",
    "whole_servers": "2",
    "pue": "0.9",
    "gpu_w": "inf",
    "idle_w": "1_000",
    "server_w": "Ⅻ",
    "rack_kw": "",
    "rack_units": " ",
    "hosting": "colocation",
    "billing": "free",
    "term": "7yr",
    "provider": "a" * 5000,
    "region": "{{7*7}}",
    "as_of": "2026-02-30",
    "discount_rate": "0,0,9",
    "support_rate": "0x10",
    "spares_rate": "\x00",
    "price_basis": "$\\pi$",
    "__class__": "x",
    "given": "{}",
    "![x](http://example.com/a.png)": ":red[x]",
    "k" * 9000: "=1+1",
    "check": "",
}


def test_a_scenario_survives_the_link():
    scenario = Scenario(**GIVEN)
    opened = decode(encode(scenario))
    assert opened.scenario == scenario
    assert opened.remarks == ()


@pytest.mark.parametrize("name", [n for n, p in INPUTS.items() if p.numeric])
def test_the_ends_of_every_domain_survive(name):
    declared = INPUTS[name]
    for value in (declared.high, declared.low if not declared.low_open else declared.high / 3):
        scenario = Scenario(**{name: value})
        assert decode(encode(scenario)).scenario == scenario


def test_the_example_has_an_empty_link():
    assert encode(Scenario()) == {}
    assert decode({}).scenario.is_example


def test_only_what_was_given_stands_in_the_link():
    told = encode(Scenario(pue=1.2))
    assert told.pop("check")
    assert told == {"v": VERSION, "as_of": load().newest, "pue": "1.2"}


def test_the_newest_data_date_is_no_input():
    assert decode({"as_of": load().newest, "pue": "1.2"}).scenario == Scenario(pue=1.2)


def test_an_older_data_date_is_kept_and_its_changed_defaults_are_named():
    opened = decode({"v": "1", "as_of": "2025-11-30", "gpu": "L4"})
    assert opened.scenario == Scenario(as_of="2025-11-30", gpu="L4")
    changed = changed_defaults(opened.scenario)
    assert "colo_usd_per_kw_month: $184, now $196" in changed
    assert not [text for text in changed if text.startswith("gpus:")]
    assert changed_defaults(Scenario(gpu="L4")) == ()


def test_hostile_parameters_fall_back_one_by_one():
    assert len(HOSTILE) >= 30
    opened = decode(HOSTILE)
    assert opened.scenario.is_example
    assert opened.remarks[-1] == f"and {len(HOSTILE) - 8} more"
    assert all(len(remark) < 250 for remark in opened.remarks)


@pytest.mark.parametrize("name", HOSTILE)
def test_each_hostile_parameter_is_remarked(name):
    opened = decode({name: HOSTILE[name], "gpus": "4"} if name != "gpus" else {name: "x"})
    assert opened.scenario in (Scenario(gpus=4), Scenario())
    assert len(opened.remarks) == 1


def test_thousands_of_parameters_are_cut():
    opened = decode({f"x{n}": "1" for n in range(5000)})
    assert opened.scenario.is_example
    assert len(opened.remarks) == 9


def test_a_long_value_is_not_read():
    opened = decode({"utilization": "0." + "5" * 100})
    assert opened.scenario.is_example
    assert "too long" in opened.remarks[0]


def test_one_bad_key_leaves_the_others():
    opened = decode({"gpu": "L5", "region": "Mars", "gpus": "4"})
    assert opened.scenario == Scenario(gpus=4)
    assert "did you mean L4" in opened.remarks[0]


# --- Lines of the user's own

FEE = {"name": "fee", "side": "own", "usd": 45}
ODD = {
    "name": "=1+1 <b>&é漢",
    "side": "rent",
    "usd": -0.21,
    "basis": "item:compute",
    "cap_usd": 9.5,
}


def test_lines_there_and_back():
    scenario = Scenario(gpu="T4", lines=[FEE, ODD])
    told = encode(scenario)
    assert told["lines"] == (
        '[{"name":"fee","side":"own","usd":45.0},{"name":"=1+1 <b>&é漢","side":"rent",'
        '"usd":-0.21,"basis":"item:compute","cap_usd":9.5}]'
    )
    assert decode(dict(parse_qsl(urlencode(told)))).scenario == scenario
    assert "lines" not in encode(Scenario(gpu="T4"))
    assert encode(Scenario(lines=[FEE]))["lines"]


def test_the_most_and_longest_lines_fit_into_a_link():
    names = [f"{at:02d}{'漢' * 58}" for at in range(100)]
    long = {"side": "own", "usd": -123456.789, "basis": "idle_gpu_hour", "growth": "electricity"}
    ends = {"first_month": 100, "last_month": 120, "cap_usd": 123456.789}
    scenario = Scenario(lines=[{"name": name, **long, **ends} for name in names])
    found = decode(encode(scenario))
    assert found.scenario == scenario
    assert not found.remarks


@pytest.mark.parametrize(
    ("text", "kept", "remark"),
    [
        ("[", 0, "lines = '[' is not JSON (left out)"),
        ("", 0, "lines = '' is not JSON (left out)"),
        ("7", 0, "lines: 7 is not a line"),
        ("[null]", 0, "lines: None is not a line"),
        ("{}", 0, "name is missing"),
        ('[{"name":"a","side":"own","usd":NaN}]', 0, "is not JSON"),
        ('[{"name":"a","side":"own","usd":1e999}]', 0, "usd = inf is outside"),
        ('[{"name":"a","name":"b","side":"own","usd":1}]', 0, "is not JSON"),
        (json.dumps([FEE, FEE]), 1, "'fee' is the name of two lines"),
        (json.dumps([FEE, {**ODD, "basis": "item:power"}]), 1, "is not an item that renting pays"),
        (json.dumps([{**FEE, "__class__": "x"}, ODD]), 1, "'__class__' is not a field"),
        ("[" * 20_000, 0, "is not JSON"),
        ("x" * 40_000, 0, "lines: 40,000 characters exceed the limit of 30,000"),
        (
            json.dumps([{**FEE, "name": str(at)} for at in range(102)]),
            100,
            "101 lines exceed the limit of 100",
        ),
    ],
)
def test_a_bad_line_is_a_remark(text, kept, remark):
    found = decode({"v": "1", "gpus": "4", "lines": text})
    assert found.scenario.gpus == 4
    assert len(found.scenario.lines) == kept
    assert remark in found.remarks[0]
    assert all(len(said) < 400 for said in found.remarks)


@given(st.text(max_size=40) | st.recursive(
    st.none() | st.floats() | st.text(max_size=5) | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["name", "side", "usd", "basis", "when", "x"]), inner, max_size=6
    ),
    max_leaves=8,
).map(json.dumps))  # fmt: skip
def test_no_text_breaks_a_link(text):
    found = decode({"v": "1", "lines": text})
    assert decode(encode(found.scenario)).scenario == found.scenario


# --- A link says when it is not the one that was made

SENT = Scenario(gpu="T4", utilization=0.45, pue=1.25, lines=[FEE])


def test_a_link_that_lost_its_end_says_so():
    whole = query(SENT)
    assert decode(parameters_of(whole)).remarks == ()
    start = whole.index("&as_of")
    for end in range(whole.index("check=") + len("check="), len(whole)):
        found = decode(parameters_of(whole[:end]))
        assert "this link was cut or edited" in found.remarks[0], whole[:end]
        assert found.scenario.gpus is None
    # What is left counts all the same.
    assert decode(parameters_of(whole[: whole.index("&pue")])).scenario.utilization == 0.45
    assert start < whole.index("&pue")


@pytest.mark.parametrize(
    "edit",
    [
        lambda link: link.replace("0.45", "0.54"),
        lambda link: link.replace("gpu=T4", "gpu=L4"),
        lambda link: link + "&gpus=4",
        lambda link: link.replace("&pue=1.25", ""),
        lambda link: link.replace("45.0", "46.0"),
        lambda link: link.replace("as_of=", "as_of=2026-09-01&x="),
        lambda link: link.replace("check=", "check=0"),
    ],
)
def test_a_link_that_was_edited_says_so(edit):
    link = edit(query(SENT))
    assert link != query(SENT)
    assert "cut or edited" in decode(parameters_of(link)).remarks[0]
    with pytest.raises(InputError, match="cut or edited"):
        Scenario.from_link(link)


def test_what_does_not_change_a_scenario_is_no_edit():
    told = parameters_of(query(SENT))
    assert decode(dict(reversed(told.items()))).remarks == ()
    assert decode({**told, "compare": "L4,T4"}).remarks == ()
    assert decode({**told, "utm_source": "mail"}).remarks == (
        "'utm_source' is not an input: ignored",
    )


def test_a_link_typed_by_hand_needs_no_checksum():
    assert decode(parameters_of("?gpu=T4&utilization=0.45")).remarks == ()
    assert Scenario.from_link("gpu=T4") == Scenario(gpu="T4")


@pytest.mark.parametrize(
    ("link", "kept", "remark"),
    [
        ("gpus=4&gpus=8", None, "'gpus' is given twice, as '4' and as '8' (default used)"),
        ("gpus=4&gpus=4", 4, "'gpus' is given twice"),
        ("gpus=4&pue=1.1&pue=1.2&pue=1.3", 4, "'pue' is given twice, as '1.1' and as '1.2'"),
        ("gpus=4&lines=[]&lines=[7]", 4, "'lines' is given twice"),
        ("gpus=4&v=1&v=1", 4, "'v' is given twice"),
        (
            "gpus=4&licence_usd_per_gpu_year=1&license_usd_per_gpu_year=2",
            4,
            "'license_usd_per_gpu_year' is given twice",
        ),
    ],
)
def test_a_key_that_is_given_twice_is_reported(link, kept, remark):
    found = decode(parameters_of(link))
    assert found.scenario.gpus == kept
    assert found.remarks[0].startswith(remark)


@pytest.mark.parametrize("version", ["2", "0", "", "1.0", "one", "v" * 9_000])
def test_nothing_of_another_version_is_used(version):
    found = decode({"v": version, "gpus": "4", "color": "blue"})
    assert found.scenario.is_example
    (remark,) = found.remarks
    assert "this release reads version 1: none of it is used" in remark
    assert len(remark) < 250
    assert decode({"v": ["1", version], "gpus": "4"}).scenario.is_example


def test_a_link_over_the_limit_says_to_send_the_file():
    long = Scenario(lines=[{**FEE, "name": f"{at} {'x' * 50}"} for at in range(90)])
    assert len(urlencode(encode(long))) > LONGEST
    assert query(long) == ""
    assert "send the scenario as a file" in too_long(long)
    with pytest.raises(InputError, match="send the scenario as a file"):
        long.to_link()
    # A link of that length is opened all the same, up to what any scenario needs.
    assert decode(encode(long)).scenario == long
    assert "send the scenario as a file" in decode({"lines": "x" * 40_000}).remarks[0]


def test_a_table_has_no_link():
    with pytest.raises(InputError, match="a table has no link"):
        Scenario(gpus=[1, 2]).to_link()


def test_python_reads_what_python_writes():
    assert Scenario.from_link(SENT.to_link()) == Scenario.from_link(f"http://h/{SENT.to_link()}#a")
    assert Scenario.from_link(SENT.to_link()) == SENT
    with pytest.raises(InputError) as refused:
        Scenario.from_link("?gpu=L5&pue=0.9")
    assert len(refused.value.problems) == 2


def test_a_link_out_of_the_source_of_a_page() -> None:
    link = Scenario(gpu="T4", gpus=4).to_link()
    assert Scenario.from_link(link.replace("&", "&amp;")) == Scenario.from_link(link)


def test_the_address_alone_is_the_example() -> None:
    assert Scenario.from_link("http://localhost:8501/report").is_example
    with pytest.raises(InputError, match="'report' is not an input"):
        Scenario.from_link("report")
