"""The link in the app: what was cut, edited, given twice or too long is said on every page."""

from streamlit.runtime.scriptrunner import RerunData, RerunException
from streamlit.runtime.state.query_params import QueryParams

from tco import Scenario
from tco.scenario.link import encode
from tests.app.helpers import captions, html_of, on_data, opened, slide

FEE = {"name": "fee", "side": "own", "usd": 45}


def test_a_link_that_was_cut_says_so_until_it_is_another():
    told = encode(Scenario(utilization=0.6, pue=1.3))
    app = opened(**{name: text for name, text in told.items() if name != "pue"})
    assert "this link was cut or edited" in html_of(app)
    assert app.session_state["scenario"].utilization == 0.6
    assert "this link was cut or edited" not in html_of(slide(app, utilization=61))
    assert opened(**app.query_params).session_state["scenario"].utilization == 0.61


def test_a_key_given_twice_is_said():
    app = opened(gpus=["4", "8"], pue="1.3")
    assert "&#x27;gpus&#x27; is given twice, as &#x27;4&#x27; and as &#x27;8&#x27;" in html_of(app)
    assert app.session_state["scenario"] == Scenario(pue=1.3)


def test_nothing_of_another_version_is_used():
    app = opened(v="2", pue="1.3", simple="1")
    assert "this link has version &#x27;2&#x27;" in html_of(app)
    assert app.session_state["scenario"].is_example


def test_a_scenario_that_is_too_long_for_a_link_is_sent_as_a_file():
    long = Scenario(lines=[{**FEE, "name": f"{at} {'x' * 50}"} for at in range(90)])
    app = opened(**encode(long))
    assert app.session_state["scenario"] == long
    assert "The address of this page is too long to share" in html_of(app)
    assert "send the scenario as a file" in html_of(on_data(app))
    assert "send the scenario as a file" not in html_of(opened(gpus="4")) + captions(app)


def test_a_change_reaches_the_link_though_another_run_overtook_its_own(monkeypatch):
    send, overtaken = QueryParams._send_query_param_msg, []

    def overtake(params):
        if not overtaken:
            overtaken.append(params)
            raise RerunException(RerunData())
        send(params)

    app = opened(gpus="4")
    monkeypatch.setattr(QueryParams, "_send_query_param_msg", overtake)
    sent = []
    before = QueryParams.from_dict
    monkeypatch.setattr(
        QueryParams, "from_dict", lambda params, link: (sent.append(link), before(params, link))[1]
    )
    app = slide(app, utilization=61)
    assert overtaken
    assert app.session_state["scenario"].utilization == 0.61
    assert [link["utilization"] for link in sent] == [["0.61"], ["0.61"]]
