"""The newest lists of the collectors, from a server that has them all and one that misbehaves."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tco.errors import DataError, InputError
from tco.market.importers.collecting import (
    Collected,
    NotCollected,
    collect,
    found_in,
    lists_of,
    local_name,
)
from tco.market.importers.download import Limits, price_lists
from tco.market.importers.opening import unpacked
from tests.market.importers.reading import FIXTURES
from tests.market.importers.server import BEHAVIORS, Server, serving

COMMIT = "0123456789abcdef0123456789abcdef01234567"
SMALL = Limits(
    bytes=2**20, connect_seconds=2, read_seconds=2, total_seconds=8, retries=0, pause_seconds=0
)
STORE = "/dstack-gpu-pricing.s3.eu-west-1.amazonaws.com/v3"
AZURE = "/prices.azure.com/api/retail/prices"
FIRST = (
    f"{AZURE}?api-version=2023-01-01-preview&$filter=serviceName%20eq%20%27Virtual%20Machines%27"
    "%20and%20contains%28armSkuName%2C%20%27Standard_N%27%29"
)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the server give a body, or behave in a way, under an address."""

    def answer(path: str, body: Any, kind: str = "text/plain") -> None:
        if not callable(body):
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            monkeypatch.setitem(
                BEHAVIORS, path, lambda handler: handler.whole(content, Content_Type=kind)
            )
        else:
            monkeypatch.setitem(BEHAVIORS, path, body)

    return answer


def commit_of(repository: str, path: str) -> str:
    asked = path.replace("/", "%2F")
    return f"/api.github.com/repos/{repository}/commits?path={asked}&per_page=1"


def commits(day: str = "2026-11-20T23:30:00-05:00", sha: str = COMMIT) -> list[dict[str, Any]]:
    return [{"sha": sha, "commit": {"committer": {"date": day}}}]


GOOGLE = "Cyclenerd/google-cloud-pricing-cost-calculator"
GOOGLE_RAW = f"/raw.githubusercontent.com/{GOOGLE}/{COMMIT}/pricing.yml"
SKYPILOT = "skypilot-org/skypilot-catalog"
LAMBDA = "catalogs/v8/lambda/vms.csv"


def one(server: Server, folder: Path, collector: str, provider: str, **limits: Any) -> Any:
    rows = [row for row in lists_of([collector]) if row.provider == provider]
    (found,) = collect(rows, folder, mirror=server.url(""), limits=replace(SMALL, **limits))
    return found


def test_a_file_of_a_repository_is_that_of_its_newest_commit(
    server: Server, answers: Callable[..., None], tmp_path: Path
) -> None:
    answers(commit_of(SKYPILOT, LAMBDA), commits(), "application/json")
    answers(f"/raw.githubusercontent.com/{SKYPILOT}/{COMMIT}/{LAMBDA}", b"InstanceType\n")
    found = one(server, tmp_path, "skypilot", "lambda")
    url = f"https://github.com/{SKYPILOT}/blob/{COMMIT}/{LAMBDA}"
    path = tmp_path / "skypilot" / "lambda.csv"
    assert found == Collected("skypilot", "lambda", path, url, "2026-11-21")
    assert path.read_bytes() == b"InstanceType\n"


def test_the_day_that_a_list_states_wins(
    server: Server, answers: Callable[..., None], tmp_path: Path
) -> None:
    answers(commit_of(GOOGLE, "pricing.yml"), commits(), "application/json")
    answers(GOOGLE_RAW, (FIXTURES / "cyclenerd" / "pricing.yml").read_bytes())
    assert one(server, tmp_path, "cyclenerd", "gcp").as_of == "2026-11-26"


def archive(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as stream:
        for name, content in members.items():
            stream.writestr(f"{name}.csv", content)
    return packed.getvalue()


def test_an_archive_of_gpuhunt_is_of_the_day_of_its_version(
    server: Server, answers: Callable[..., None], tmp_path: Path
) -> None:
    answers(f"{STORE}/lambdalabs/version", b"20261119-42\n", "binary/octet-stream")
    where = f"{STORE}/lambdalabs/20261119-42/catalog.zip"
    answers(where, archive(lambdalabs=b"instance_name\n"), "application/zip")
    found = one(server, tmp_path, "gpuhunt", "lambda")
    assert (found.as_of, found.url) == ("2026-11-19", f"https:/{where}")
    (file,) = unpacked(found.path, ["*.csv"])
    with file.opened() as stream:
        assert stream.read() == b"instance_name\n"


@pytest.mark.parametrize(
    ("version", "packed", "why"),
    [
        (b"latest", b"", "'latest' is not a day and a number"),
        (b"20261399-1", b"", "month must be"),
        (b"99991231-1", archive(aws=b"x"), "a day to come"),
    ],
)
def test_an_archive_that_is_none(
    server: Server,
    answers: Callable[..., None],
    tmp_path: Path,
    version: bytes,
    packed: bytes,
    why: str,
) -> None:
    answers(f"{STORE}/aws/version", version, "binary/octet-stream")
    answers(f"{STORE}/aws/{version.decode()}/catalog.zip", packed, "application/zip")
    found = one(server, tmp_path, "gpuhunt", "aws")
    assert isinstance(found, NotCollected)
    assert why in str(found.error)


def page(*numbers: int, then: str | None = None) -> dict[str, Any]:
    return {"Items": [{"n": n} for n in numbers], "NextPageLink": then, "Count": len(numbers)}


def test_pages_of_azure_become_one_file(
    server: Server, answers: Callable[..., None], tmp_path: Path
) -> None:
    link = "https://prices.azure.com:443/api/retail/prices?$skip=2"
    answers(FIRST, page(1, 2, then=link), "application/json; charset=utf-8")
    answers(f"{AZURE}?$skip=2", page(3), "application/json")
    before = datetime.now(UTC).date().isoformat()
    found = one(server, tmp_path, "azure", "azure")
    assert [item["n"] for item in json.loads(found.path.read_text())["Items"]] == [1, 2, 3]
    assert found.as_of in (before, datetime.now(UTC).date().isoformat())
    assert found.url == f"https:/{FIRST}"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (page(1, then="https://prices.azure.com.example.org/api/retail/prices?x"), "another addr"),
        (page(1, then="http://prices.azure.com/api/retail/prices?x"), "another address"),
        (page(1, then="file:///etc/passwd"), "another address"),
        (page(1, then="https://prices.azure.com:4a3/api/retail/prices?x"), "another address"),
        (page(1, then=f"https:/{FIRST}"), "lead back to one that was read already"),
        (page(1, then="https://prices.azure.com/api/retail/prices?gone"), "404"),
        ({"Items": {}}, "it has no list of Items"),
        ([], "it has no list of Items"),
        (b'{"Items": [', "is not JSON"),
        (b"[" * 10**5, "is not JSON"),
    ],
)
def test_pages_that_lead_nowhere(
    server: Server, answers: Callable[..., None], tmp_path: Path, answer: Any, why: str
) -> None:
    answers(FIRST, answer, "application/json")
    answers(f"{AZURE}?gone", BEHAVIORS["/404"])
    found = one(server, tmp_path, "azure", "azure")
    assert isinstance(found, NotCollected)
    assert why in str(found.error)
    assert list((tmp_path / "azure").iterdir()) == []


def test_pages_without_an_end(
    server: Server,
    answers: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr("tco.market.importers.collecting._MOST_PAGES", 3)
    for number in range(5):
        then = f"https://prices.azure.com/api/retail/prices?{number + 1}"
        path = FIRST if number == 0 else f"{AZURE}?{number}"
        answers(path, page(number, then=then), "application/json")
    found = one(server, tmp_path, "azure", "azure")
    assert "not complete after 3 pages" in str(found.error)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ([], "names no commit"),
        ({"message": "API rate limit exceeded"}, "names no commit"),
        (commits(day="yesterday"), "names no commit"),
        (commits(sha="../../etc"), "is no commit"),
    ],
)
def test_a_repository_that_names_no_commit(
    server: Server, answers: Callable[..., None], tmp_path: Path, answer: Any, why: str
) -> None:
    answers(commit_of(GOOGLE, "pricing.yml"), answer, "application/json")
    assert why in str(one(server, tmp_path, "cyclenerd", "gcp").error)


@pytest.mark.parametrize(
    ("behavior", "why"),
    [
        ("/404", "404"),
        ("/503", "503"),
        ("/html", "its content type 'text/html' is not that of a price list"),
        ("/to-file", "redirects to another address"),
        ("/huge", "more than the limit"),
        ("/huge-chunks", "more bytes than the limit"),
        ("/bomb", "more bytes than the limit"),
        ("/truncated", "broke off"),
        ("/reset", "connection failed"),
        ("/silent", "silent for 0.2 seconds"),
        ("/drip", "not complete after"),
        ("/empty", "is empty"),
    ],
)
def test_a_server_that_misbehaves_gives_no_list(
    server: Server, answers: Callable[..., None], tmp_path: Path, behavior: str, why: str
) -> None:
    answers(commit_of(GOOGLE, "pricing.yml"), commits(), "application/json")
    answers(GOOGLE_RAW, BEHAVIORS[behavior])
    seconds = {"read_seconds": 0.2} if behavior == "/silent" else {}
    seconds |= {"total_seconds": 0.5} if behavior == "/drip" else {}
    found = one(server, tmp_path, "cyclenerd", "gcp", **seconds)
    assert isinstance(found, NotCollected)
    assert why in str(found.error)
    assert list((tmp_path / "cyclenerd").iterdir()) == []


def test_without_a_connection_nothing_is_tried_again(tmp_path: Path) -> None:
    with serving() as gone:
        mirror = gone.url("")
    limits = replace(SMALL, retries=1)
    found = list(collect(lists_of(["karpenter", "azure"]), tmp_path, mirror=mirror, limits=limits))
    ends = [str(each.error).rpartition("; ")[2] for each in found if isinstance(each, NotCollected)]
    assert ends == ["tried 2 times", "tried once"]


def test_lists_in_a_folder_are_found_with_their_days(tmp_path: Path) -> None:
    rows = lists_of(["skypilot", "cyclenerd"])
    with pytest.raises(DataError, match="no list of cyclenerd, skypilot"):
        list(found_in(tmp_path, rows))
    for name in ("skypilot/aws.csv", f"skypilot/{LAMBDA}", "cyclenerd/gcp.yml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes((FIXTURES / "cyclenerd" / "pricing.yml").read_bytes())
    told = {"url": "https://example.org/aws", "as_of": "2026-11-02"}
    (tmp_path / "skypilot" / "aws.csv.from.json").write_text(json.dumps(told))
    undated, dated = list(found_in(tmp_path, rows)), list(found_in(tmp_path, rows, "2026-11-05"))
    days = {each.provider: each.as_of for each in dated}
    assert days == {"aws": "2026-11-02", "lambda": "2026-11-05", "gcp": "2026-11-26"}
    assert [type(each) for each in undated] == [Collected, NotCollected, Collected]
    assert "give --as-of" in str(undated[1].error)
    (tmp_path / "skypilot" / "aws.csv.from.json").write_text("{}")
    assert isinstance(next(iter(found_in(tmp_path, rows))), NotCollected)


def test_every_list_has_a_place_of_its_own() -> None:
    names = [local_name(row) for row in price_lists()]
    assert len(set(names)) == len(names) == len(lists_of())
    with pytest.raises(InputError, match=r"'skypilott' is not one of .*did you mean skypilot"):
        lists_of(["skypilott"])
