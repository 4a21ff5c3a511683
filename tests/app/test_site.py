"""Where owned hardware stands, clicked: a preset of all that goes with the place."""

import pytest

import tco
from tests.app.helpers import opened, widget
from tests.app.test_bill import scenario_of


@pytest.mark.parametrize(("site", "is_paid"), [("home", False), ("datacenter", True)])
def test_a_card_at_home_is_charged_no_rack_and_no_administrator(site, is_paid):
    app = opened(gpu="RTX-4090", gpus="1", price_basis="used", electricity_usd_per_kwh="0.3")
    before = dict(app.query_params)
    app = widget(app, "button_group", "pick--site").set_value(site).run()
    assert not app.exception
    found = scenario_of(app)
    assert found.given.keys() == {*before, "site"} - {"v", "check", "as_of"}
    paid = set(tco.ledger(found, side="own").query("cost_usd != 0")["item"])
    more = {"space", "colocation", "staff", "servers", "insurance", "network", "install"}
    assert bool((more | {"maintenance"}) & paid) == is_paid
    assert {"gpus", "energy_it", "resale"} <= paid
    assert (found.values()["hosting"] == "own_site") == (site == "home")


def test_every_section_counts_the_inputs_that_it_shows():
    app = opened()
    for expander in app.expander:
        if "default" in expander.label:
            app.session_state[f"section_{expander.label.partition(':')[0]}"] = True
    app.run()
    for expander in app.expander:
        if "default" in expander.label:
            shown = [one for one in expander.caption if one.value]
            count = int(expander.label.split()[-2])
            assert count == len(shown), expander.label
