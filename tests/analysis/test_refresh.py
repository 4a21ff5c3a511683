"""The data made new from lists of collectors: what is appended, checked, and put in place."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tco.analysis.check import FAULTS, check
from tco.analysis.refresh import Refresh, refresh
from tco.cli import main
from tco.errors import DataError
from tco.inputs.clock import today
from tco.market.catalogue import Rate, Source, load, read_catalogue
from tco.market.files import data_folder, read_records
from tco.market.importers.batches import ABOVE_ON_DEMAND, MAY_BE_BID
from tco.market.importers.collecting import Collected, NotCollected
from tco.market.observed import Batch
from tco.market.refreshing import Additions, prepared, stale_kinds
from tests.market.importers.server import BEHAVIORS, Server, serving

# A day after all of the shipped data, on any day of the clock.
DAY, LATER = "2040-05-01", "2040-05-02"
SOURCE = Source("", "Some collector", "Some collector: AWS", "", "", "", "not stated")
RATE = next(
    row
    for row in load().rates
    if row.provider == "aws" and row.instance == "g6.xlarge" and row.term == "on_demand"
)


def rate(usd: float = 0.9, **other: Any) -> Rate:
    given = {"as_of": DAY, "recorded": "", "note": "", **other}
    return replace(RATE, usd_per_gpu_hour=usd, **given)


def batch(*rates: Rate, sha256: str = "0" * 64) -> Batch:
    rows = Counter({("aws", "L4"): len(rates)})
    return Batch(
        collector="skypilot",
        file="aws.csv",
        sha256=sha256,
        as_of=DAY,
        source=SOURCE,
        rows=rows,
        kept=rows,
        rates=rates,
    )


@pytest.fixture(autouse=True)
def _in_years_to_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lists here are newer than the data, in whatever year that is read."""
    monkeypatch.setattr("tco.market.importers.batches.is_to_come", lambda _: False)


def listed(as_of: str = DAY) -> Collected:
    return Collected("skypilot", "aws", Path("aws.csv"), "https://example.org/aws.csv", as_of)


@pytest.fixture
def additions() -> Additions:
    return Additions(load(), LATER)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped data with few rental rates, so that it is read in no time."""
    folder = tmp_path_factory.mktemp("few") / "data"
    shutil.copytree(data_folder(), folder)
    lines = (folder / "rental_rates.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    few = [line for line in lines[1:] if ",aws," in line or ",runpod," in line]
    (folder / "rental_rates.csv").write_text("".join([lines[0], *few]), encoding="utf-8")
    return folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "data"))


def state(folder: Path) -> dict[str, str]:
    """Every file below a folder, by its content."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_new_rate_is_appended_with_its_day_source_and_import(additions: Additions) -> None:
    found = additions.add(listed(), batch(rate(), sha256="ab" * 32))
    (row,) = found.rates
    assert (row.as_of, row.recorded, row.usd_per_gpu_hour) == (DAY, LATER, 0.9)
    assert row.source_id == found.source.source_id == f"skypilot-aws-{DAY}-abababababab"
    assert found.source.url == "https://example.org/aws.csv"
    assert (found.source.published, found.source.accessed) == (DAY, LATER)
    assert "import abababababab" in found.source.title


def test_the_same_price_seen_later_is_fresh_again(additions: Additions) -> None:
    found = additions.add(listed(), batch(rate(RATE.usd_per_gpu_hour)))
    assert [row.as_of for row in found.rates] == [DAY]
    assert not found.unkept
    again = additions.add(listed(), batch(rate(RATE.usd_per_gpu_hour), sha256="1" * 64))
    assert not again.rates
    assert again.unkept == {"known already": 1}


def test_an_older_list_or_another_one_of_the_day_adds_nothing(additions: Additions) -> None:
    additions.add(listed(), batch(rate()))
    same = additions.add(listed(), batch(rate(0.91), sha256="1" * 64))
    assert same.unkept == {"another price of the same offer and day is known": 1}
    older = replace(rate(0.92), as_of="2040-04-01")
    found = additions.add(listed("2040-04-01"), batch(older, sha256="2" * 64))
    assert found.unkept == {"older than what is known of the offer": 1}


def test_of_a_region_the_offer_that_is_compared_is_kept(additions: Additions) -> None:
    small, large = rate(0.9, region="r", instance="s"), rate(1.2, region="r", instance="l")
    part = rate(0.9, region="r", instance="p", gpus_per_instance=0.5)
    bare = rate(0.9, region="r", instance="b", host_included=False)
    found = additions.add(listed(), batch(large, small, part, bare, rate(1.3)))
    assert {row.instance for row in found.rates} == {"s", RATE.instance}
    assert found.unkept.total() == 3
    assert any("larger host" in why for why in found.unkept)


def test_one_price_everywhere_is_one_row(additions: Additions) -> None:
    rows = [rate(0.9, instance="i", region=region) for region in "abc"]
    found = additions.add(listed(), batch(*rows, rate(1.1, instance="j", gpu="T4", region="a")))
    kept = {(row.instance, row.region, row.country) for row in found.rates}
    assert kept == {("i", "any", "any"), ("j", "any", "any")}
    assert found.unkept == {"the same in all regions: kept once": 2}
    two = [rate(0.9, instance="k", region="a"), rate(0.95, instance="k", region="b")]
    found = additions.add(listed(), batch(*two, *rows, sha256="1" * 64))
    assert {row.region for row in found.rates} == {"a", "b", "c"}


def test_a_plan_that_is_called_otherwise_is_the_same_offer(additions: Additions) -> None:
    (known,) = [
        row
        for row in load().rates
        if row.source_id == "api-evangelist-crusoe" and row.gpu == "L40S"
    ]
    plan = replace(known, instance="l40s-48gb", as_of=DAY, recorded="")
    page = Collected("api-evangelist", "crusoe", Path("x"), "https://example.org", DAY)
    found = additions.add(page, batch(plan))
    assert [row.instance for row in found.rates] == [known.instance]
    found = additions.add(page, batch(replace(plan, gpus_per_instance=2), sha256="1" * 64))
    assert [row.instance for row in found.rates] == ["l40s-48gb"]


@pytest.mark.parametrize("usd", [0.01, 30.0])
def test_a_rate_far_from_its_like_is_set_aside(additions: Additions, usd: float) -> None:
    found = additions.add(listed(), batch(rate(usd)))
    assert not found.rates
    assert found.unkept == {"under a tenth or over ten times the median of its like": 1}


def test_what_may_be_no_list_price_is_set_aside(additions: Additions) -> None:
    found = additions.add(listed(), batch(replace(rate(), note=f"{MAY_BE_BID}; other")))
    assert found.unkept == {MAY_BE_BID: 1}
    both = [rate(0.8, term=term, note=ABOVE_ON_DEMAND) for term in ("spot", "on_demand")]
    found = additions.add(listed(), batch(*both, sha256="1" * 64))
    assert [row.term for row in found.rates] == ["spot"]
    assert found.unkept == {ABOVE_ON_DEMAND: 1}


def test_a_price_that_moved_far_says_what_it_was(additions: Additions) -> None:
    additions.add(listed(), batch(rate(1.0)))
    moved = replace(rate(1.5), as_of=LATER)
    found = additions.add(listed(LATER), batch(moved, sha256="1" * 64))
    assert f"contradicts 1 of {DAY} (skypilot-aws-{DAY}-000000000000)" in found.rates[0].note
    near = additions.add(listed(), batch(replace(rate(1.4), as_of="2040-05-03"), sha256="2" * 64))
    assert LATER not in near.rates[0].note


def test_what_is_put_in_place_reads_back_and_keeps_every_row(folder: Path) -> None:
    before = {name: (folder / name).read_bytes() for name in ("rental_rates.csv", "sources.csv")}
    made = Additions(read_catalogue(folder), LATER)
    made.add(listed(), batch(rate(0.9, region='a "region", really'), rate(1.5)))
    with prepared(folder, made.made) as (copy, place):
        assert state(copy) != state(folder)
        for name, content in before.items():
            assert (folder / name).read_bytes() == content
        place()
        assert state(copy) == state(folder)
    for name, content in before.items():
        assert (folder / name).read_bytes().startswith(content)
    rows = read_catalogue(folder).rates[-2:]
    assert {row.region for row in rows} == {'a "region", really', RATE.region}
    assert all(row.recorded == LATER for row in rows)
    assert sorted(path.name for path in folder.parent.iterdir()) == ["data"]


def test_data_that_somebody_else_changed_is_left_alone(folder: Path) -> None:
    made = Additions(read_catalogue(folder), LATER)
    made.add(listed(), batch(rate()))
    with prepared(folder, made.made) as (_copy, place):
        with (folder / "sources.csv").open("a") as stream:
            stream.write("other,o,o,o,,2026,o\n")
        after = state(folder)
        with pytest.raises(DataError, match="changed by somebody else meanwhile"):
            place()
    assert state(folder) == after


def test_what_is_too_old_to_count_is_stale() -> None:
    newest = load().newest
    assert not any(day >= "2026-11" for day in stale_kinds(load(), newest).values())
    assert len(stale_kinds(load(), "2040-01-01")) > len(stale_kinds(load(), newest))


LIST = """InstanceType,AcceleratorName,AcceleratorCount,Price,SpotPrice,Region,AvailabilityZone
g6.xlarge,L4,1,0.9,0.3,us-east-1,us-east-1a
g6.2xlarge,L4,1,1.1,0.4,us-east-1,us-east-1a
p9.odd,XYZ,1,9,,us-east-1,us-east-1a
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "aws.csv"
    found.write_text(LIST)
    return found


def test_a_refresh_tells_what_it_means_and_changes_nothing_by_itself(
    folder: Path, path: Path
) -> None:
    before = state(folder)
    lost = NotCollected("gpuhunt", "gcp", DataError("gone"))
    broken = path.with_name("broken.csv")
    broken.write_text("<html>")
    others = [lost, replace(listed(), path=broken), listed("2039-10-01")]
    with refresh(folder, [replace(listed(), path=path), *others], LATER) as found:
        (added,) = found.additions
        assert {(row.instance, row.term) for row in added.rates} >= {("g6.xlarge", "spot")}
        assert added.aside == {"GPU name not in the table": 1}
        assert str(found.failed[0].error) == "gone"
        assert len(found.failed) == 2
        assert [each.as_of for each in found.too_old] == ["2039-10-01"]
        moved = {change.gpu for change in found.changes if change.moves}
        assert "L4" in moved
        assert ("T4", "aws", "on_demand") in found.stale
        assert state(folder) == before
    assert state(folder) == before


def test_lists_of_other_forms_are_read(folder: Path, tmp_path: Path) -> None:
    item = {
        "armSkuName": "Standard_NC24ads_A100_v4",
        "armRegionName": "eastus",
        "retailPrice": 3.7,
        "unitOfMeasure": "1 Hour",
        "meterName": "NC24ads A100 v4",
        "productName": "NCads A100 v4 Series Linux",
        "type": "Consumption",
        "currencyCode": "USD",
    }
    pages, packed = tmp_path / "azure.json", tmp_path / "aws.zip"
    pages.write_text(json.dumps({"Items": [item]}))
    head = "instance_name,location,price,gpu_count,gpu_name,spot"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("aws.csv", f"{head}\ng6.xlarge,us-east-1,0.81,1,L4,False\n")
    lists = [
        Collected("azure", "azure", pages, "https://example.org/azure", DAY),
        Collected("gpuhunt", "aws", packed, "https://example.org/aws", DAY),
    ]
    with refresh(folder, lists, LATER) as found:
        assert not found.failed
        rates = [row for each in found.additions for row in each.rates]
    assert [(row.gpu, row.usd_per_gpu_hour) for row in rates] == [
        ("A100-80GB-PCIe", 3.7),
        ("L4", 0.81),
    ]


def test_a_refresh_in_place_has_no_faults(folder: Path, path: Path) -> None:
    with refresh(folder, [replace(listed(), path=path)], LATER) as found:
        found.put_in_place()
    new = read_catalogue(folder)
    assert {row.as_of for row in new.rates if row.source_id.startswith("skypilot-aws-2040")} == {
        DAY
    }
    assert [each for each in check(new) if each.kind in FAULTS] == []
    with refresh(folder, [replace(listed(), path=path)], LATER) as again:
        assert again.added == 0


def test_faulty_data_is_not_put_in_place(folder: Path, path: Path) -> None:
    before = state(folder)
    with refresh(folder, [replace(listed(), path=path)], LATER) as found:
        bad = replace(found, faults=check(load())[:1])
        with pytest.raises(DataError, match="1 fault: nothing was changed"):
            bad.put_in_place()
    assert state(folder) == before


# -- The command, killed and with a server that misbehaves ----------------------------------------

COMMIT = "0123456789abcdef0123456789abcdef01234567"
KARPENTER = "aws/karpenter-provider-aws"
FILE = "pkg/providers/pricing/zz_generated.pricing_aws.go"
ASKED = f"/api.github.com/repos/{KARPENTER}/commits?path={FILE.replace('/', '%2F')}&per_page=1"
RAW = f"/raw.githubusercontent.com/{KARPENTER}/{COMMIT}/{FILE}"
DATED = f'[{{"sha": "{COMMIT}", "commit": {{"committer": {{"date": "2026-11-20T01:00:00Z"}}}}}}]'
TODAY = today()
PRICES = f"""// generated at {TODAY}T00:23:24Z for us-east-1
var InitialOnDemandPricesAWS = map[string]map[ec2types.InstanceType]float64{{
"us-east-1": {{
"g6.xlarge": 0.904800, "c5.large": 0.085000,
}},
}}
"""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setitem(
        BEHAVIORS,
        ASKED,
        lambda handler: handler.whole(DATED.encode(), Content_Type="application/json"),
    )
    monkeypatch.setitem(BEHAVIORS, RAW, lambda handler: handler.whole(PRICES.encode()))
    with serving() as running:
        yield running


def command(server: Server, folder: Path, *more: str) -> list[str]:
    given = ("--only", "karpenter", "--data", str(folder), "--mirror", server.url(""), *more)
    return [sys.executable, "-m", "tco", "data", "refresh", *given]


def run(server: Server, folder: Path, *more: str) -> Result:
    return CliRunner().invoke(main, command(server, folder, *more)[3:])


def test_the_command_refreshes_the_data(server: Server, folder: Path) -> None:
    before = state(folder)
    dry = run(server, folder, "--dry-run")
    assert dry.exit_code == 0, dry.stderr
    assert state(folder) == before
    assert "a dry run" in dry.stderr
    done = run(server, folder)
    assert done.exit_code == 0, done.stderr
    assert f"karpenter aws, of {TODAY}: 2 rows read, 1 used, 1 rejected" in done.stderr
    for title in ("Default answers:", "Now too old to count (over 180 days):", "Faults:\n  none"):
        assert title in done.stderr
    assert {name for name, content in state(folder).items() if before.get(name) != content} == {
        "rental_rates.csv",
        "sources.csv",
    }
    (row,) = [row for row in read_catalogue(folder).rates if row.usd_per_gpu_hour == 0.9048]
    assert (row.as_of, row.instance) == (TODAY, "g6.xlarge")
    source = read_catalogue(folder).sources[row.source_id]
    assert source.url == f"https://github.com/{KARPENTER}/blob/{COMMIT}/{FILE}"


@pytest.mark.parametrize("behavior", ["/html", "/to-file"])
def test_a_list_that_does_not_come_changes_nothing(
    server: Server, folder: Path, monkeypatch: pytest.MonkeyPatch, behavior: str
) -> None:
    monkeypatch.setitem(BEHAVIORS, RAW, BEHAVIORS[behavior])
    before = state(folder)
    done = run(server, folder)
    assert done.exit_code == 3, done.stderr
    assert "nothing was changed" in done.stderr
    assert "Traceback" not in done.stderr
    assert state(folder) == before


def test_a_kill_in_the_middle_changes_nothing(
    server: Server, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrived = threading.Event()

    def slow(handler: Any) -> None:
        arrived.set()
        handler.pause(20)

    monkeypatch.setitem(BEHAVIORS, RAW, slow)
    before = state(folder)
    for way in (signal.SIGKILL, signal.SIGTERM):
        arrived.clear()
        with subprocess.Popen(command(server, folder), stderr=subprocess.DEVNULL) as running:
            assert arrived.wait(60)
            running.send_signal(way)
        assert running.returncode != 0
        assert state(folder) == before
        assert sorted(path.name for path in folder.parent.iterdir()) == ["data"]


def test_a_kill_while_the_files_are_put_in_place(folder: Path, path: Path) -> None:
    """At every step the rates are the old ones or the new ones, whole, and the data is read."""
    steps = ("open", "os.rename", "os.chmod")

    def killed_at(step: int, made: Refresh) -> int:
        """Put the data in place in a process that is killed at one step; how that ended."""
        child = os.fork()
        if child == 0:
            calls: list[str] = []

            def watch(event: str, _args: Any) -> None:
                if event in steps:
                    calls.append(event)
                    if len(calls) == step:
                        os.kill(os.getpid(), signal.SIGKILL)

            sys.addaudithook(watch)
            try:
                made.put_in_place()
                os._exit(0)
            finally:
                os._exit(1)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    before = state(folder)
    with refresh(folder, [replace(listed(), path=path)], LATER) as made:
        for step in range(1, 100):
            assert killed_at(step, made) == -signal.SIGKILL
            if state(folder)["rental_rates.csv"] != before["rental_rates.csv"]:
                break
            read_records(folder / "rental_rates.csv", Rate)
            shutil.copy(data_folder() / "sources.csv", folder / "sources.csv")
        assert step > 5
    added = made.additions[0].rates
    assert read_catalogue(folder).rates[-len(added) :] == added
