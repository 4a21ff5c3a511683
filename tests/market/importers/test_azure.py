"""Azure's retail prices: Linux only, a reservation's price is for all its hours."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tco.errors import DataError
from tco.market.importers import read_file
from tco.market.importers.names import NOT_IN_CATALOG, gpu_of, machines
from tests.market.importers.reading import DAY, number
from tests.strategies import examples

SKU = "Standard_NC24ads_A100_v4"
REASONS = [
    ({"productName": "NCads A100 v4 Series Windows"}, "Windows: its license is in the price"),
    ({"meterName": "NC24ads_A100_v4 Low Priority"}, "Low Priority: no spot price"),
    ({"skuName": "NC24ads_A100_v4 Low Priority"}, "Low Priority: no spot price"),
    ({"productName": "NCads A100 v4 CloudServices"}, None),
    ({"productName": "NCads A100 v4 Cloud Services"}, "Cloud Services, not a machine"),
    ({"type": "DevTestConsumption"}, "price for development and test subscriptions"),
    ({"type": "Gift"}, "neither consumption nor a reservation"),
    ({"armSkuName": "Standard_D4s_v5"}, "not a machine type with GPUs of machines.csv"),
    ({"armSkuName": ""}, "no machine type"),
    ({"armSkuName": None}, "no machine type"),
    ({"unitOfMeasure": "1/Month"}, "price is not per hour"),
    ({"unitOfMeasure": "0 Hours"}, "price is not per hour"),
    ({"retailPrice": 0.0}, "price is not positive"),
    ({"retailPrice": -1}, "price is negative or too large"),
    ({"retailPrice": None}, "no price"),
    ({"retailPrice": "dear"}, "price is not a number"),
    ({"type": "Reservation", "reservationTerm": "2 Years"}, "reservation of another length"),
    ({"type": "Reservation"}, "reservation of another length"),
    ({"currencyCode": "SEK"}, "price is in SEK, not converted"),
    ({"currencyCode": "??"}, "currency '??' is not a code"),
    ({"serviceName": "Storage"}, "not a virtual machine"),
    ({"tierMinimumUnits": 100.0}, "price from a minimum number of units"),
]


def item(**other: Any) -> dict[str, Any]:
    return {
        "armSkuName": SKU,
        "armRegionName": "eastus",
        "retailPrice": 3.7,
        "type": "Consumption",
        "unitOfMeasure": "1 Hour",
        "meterName": "NC24ads_A100_v4",
        "currencyCode": "USD",
        "productName": "NCads A100 v4 Series Linux",
        "tierMinimumUnits": 0.0,
        **other,
    }


def read(path: Path, text: str) -> Any:
    path.write_text(text, encoding="utf-8")
    return read_file("azure", path, as_of=DAY)


def page(*items: Any) -> str:
    return json.dumps({"BillingCurrency": "USD", "Items": items, "NextPageLink": None})


def test_on_demand_spot_and_reserved(tmp_path: Path) -> None:
    batch = read(
        tmp_path / "azure.json",
        page(
            item(),
            item(meterName="NC24ads_A100_v4 Spot", retailPrice=1.1),
            item(type="Reservation", reservationTerm="1 Year", retailPrice=20_500),
            item(type="Reservation", reservationTerm="3 Years", retailPrice=26_280.0),
            item(armSkuName="Standard_NC48ads_A100_v4", retailPrice=740, unitOfMeasure="100 Hours"),
            item(armRegionName="westeurope", currencyCode="EUR", retailPrice=1.0),
        ),
    )
    assert [(r.instance, r.region, r.term, r.usd_per_gpu_hour) for r in batch.rates] == [
        (SKU, "eastus", "on_demand", 3.7),
        (SKU, "eastus", "spot", 1.1),
        (SKU, "eastus", "1yr", 2.340183),
        (SKU, "eastus", "3yr", 1.0),
        ("Standard_NC48ads_A100_v4", "eastus", "on_demand", 3.7),
        (SKU, "westeurope", "on_demand", 1.1739),
    ]
    assert {(r.gpu, r.provider, r.as_of) for r in batch.rates} == {("A100-80GB-PCIe", "azure", DAY)}
    assert batch.rates[0].country == "US"


@pytest.mark.parametrize(("other", "reason"), REASONS)
def test_what_is_set_aside(tmp_path: Path, other: dict[str, Any], reason: str | None) -> None:
    batch = read(tmp_path / "azure.json", page(item(**other), item(armRegionName="westus")))
    assert batch.rows.total() == 2
    assert batch.kept.total() + batch.aside.total() == 2
    assert [row.reason[: len(reason or "")] for row in batch.rejected] == [reason] * bool(reason)


def test_many_pages_in_one_file(tmp_path: Path) -> None:
    first, second = page(item()), page(item(armRegionName="westus"), {"savingsPlan": [1]}, 7)
    for text in (f"[{first}, {second}]", f"{first}\n{second}\n", f"{first} {second}"):
        batch = read(tmp_path / "pages.json", text)
        assert [rate.region for rate in batch.rates] == ["eastus", "westus"]
        assert batch.rows.total() == 4
        assert "prices of savings plans of 1 items are not read" in batch.remarks


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "{}", "7", '{"Items": 7}', '{"Items": [NaN]}', '{"Items": [1', "[" * 10**5),
        *('{"Items": [' + "9" * 5_000 + "]}", "gpu,usd\nL4,1\n", '[{"items": []}]', "\0"),
    ],
)
def test_what_is_no_page(tmp_path: Path, text: str) -> None:
    with pytest.raises(DataError, match=r"azure\.json"):
        read(tmp_path / "azure.json", text)


def test_every_machine_of_the_table_has_a_gpu_that_is_known() -> None:
    for (provider, instance), machine in machines().items():
        if provider == "azure":
            found, why = gpu_of("azure", provider, machine.name, None, (instance,))
            assert found or why == NOT_IN_CATALOG, instance


CELLS = st.none() | st.booleans() | st.floats() | st.text(max_size=8) | st.just([1])
ITEMS = st.fixed_dictionaries({}, optional=dict.fromkeys(item(), CELLS)).map(lambda o: item(**o))


@settings(max_examples=examples(40))
@given(items=st.lists(ITEMS | CELLS, max_size=4))
def test_any_items(tmp_path_factory: pytest.TempPathFactory, items: list[Any]) -> None:
    path = tmp_path_factory.getbasetemp() / "azure.json"
    try:
        batch = read(path, page(*items))
    except DataError as wrong:
        assert str(wrong).startswith("azure.json")  # noqa: PT017
        return
    assert batch.rows.total() == len(items)
    assert batch.kept.total() + batch.aside.total() == len(items)
    written = [number(str(one["retailPrice"])) for one in items if isinstance(one, dict)]
    known = [usd for usd in written if usd is not None]
    for rate in batch.rates:
        assert any(rate.usd_per_gpu_hour == pytest.approx(usd, rel=1e-3) for usd in known)
