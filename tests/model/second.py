"""A second model, written from the equations alone: one scenario, plain loops, plain floats.

It shares no code with the package but the rows of the published depreciation tables. Every payment
is one entry of a list; sums, curves and crossings are read off that list.
"""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

MACRS = {"macrs_3": 3, "macrs_5": 5, "macrs_7": 7}


class Entry(NamedTuple):
    """One payment: `month` 0 is the start, and `worth` what a dollar of it is worth today."""

    side: str
    item: str
    month: int
    usd: float
    worth: float


class Answer(NamedTuple):
    """What the model finds; `entries` include what is paid on exit at the horizon."""

    entries: list[Entry]
    results: dict[str, Any]
    curves: list[tuple[float, ...]]
    crossings: tuple[tuple[float, str], ...]


def up(x: float) -> int:
    return math.ceil(x * (1 - 1e-12))


def down(x: float) -> int:
    return math.floor(x * (1 + 1e-12))


@cache
def table(life: int, quarter: int) -> tuple[float, ...]:
    path = Path(__file__).parents[2] / "data" / "macrs.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(
            float(row["share"])
            for row in csv.DictReader(file)
            if (int(row["life_years"]), row["placed_in_quarter"]) == (life, str(quarter or ""))
        )


class Book:
    """Something bought in one month, written off at the ends of tax years."""

    def __init__(self, x: dict[str, Any], cost: float, month: int) -> None:
        self.x, self.cost, self.left, self.month, self.years = x, cost, cost, month, 0
        self.placed = (x["purchase_month"] - 1 + month) % 12 + 1

    def plan(self) -> list[float]:
        """Share of the cost in each tax year, before a bonus."""
        x, method = self.x, self.x["depreciation"]
        if method in MACRS:
            quarter = 0 if x["macrs_convention"] == "half_year" else (self.placed + 2) // 3
            return list(table(MACRS[method], quarter))
        life, first = x["depreciation_years"], (13 - self.placed) / 12
        shares: list[float] = []
        left, remaining, length = 1.0, float(life), first
        while remaining > 1e-9 and method != "none":
            even = left if remaining <= length else left * length / remaining
            fast = x["declining_balance_factor"] * length * left / life
            taken = max(fast, even) if method == "declining_balance" else even
            shares.append(min(taken, left))
            left, remaining, length = left - shares[-1], remaining - length, 1.0
        return shares

    def end_year(self) -> float:
        """What the year writes off."""
        bonus, shares = self.x["bonus_rate"], self.plan()
        share = shares[self.years] if self.years < len(shares) else 0.0
        taken = self.cost * (1 - bonus) * share + (self.cost * bonus if not self.years else 0)
        self.years += 1
        self.left -= taken
        return taken


# In one piece, from the first payment to the last, like the equations.
def solve(x: dict[str, Any], lines: tuple[Any, ...] = ()) -> Answer:  # noqa: C901, PLR0912
    """The answer for one scenario with a value for every input."""
    horizon, rate_year = x["horizon_months"], x["discount_rate"]
    last = up(horizon)
    ends = [min(float(m), horizon) for m in range(last + 1)]

    def worth(t: float) -> float:
        return float((1 + rate_year) ** (-t / 12))

    def grown(g: float, m: int) -> float:
        return float((1 + g) ** ((m - 1) / 12))

    # Section 3 with section 7: how much is bought.
    n, u, tax = x["gpus"], x["utilization"], x["tax_rate"]
    size = x["gpus_per_server"]
    servers = up(n / size) if x["whole_servers"] else n / size
    bought = servers * size if x["whole_servers"] and x["sold_by_server"] else n
    hours = x["hours_per_month"]
    price = x["price_usd_per_gpu"]
    hardware = {
        "gpus": bought * price,
        "spares": bought * price * x["spares_rate"],
        "servers": servers * x["server_usd"],
        "network": bought * x["network_usd_per_gpu"],
    }
    full = sum(hardware.values())
    cards = hardware["gpus"] + hardware["spares"]
    lost, net = x["resale_decline_per_year"], 1 - x["selling_cost_rate"]

    def kept(age: float) -> float:
        return 0.0 if lost == 1 else float((1 - lost) ** (age / 12))

    kind = x["financing"]
    leased, there_already = kind == "lease", x["already_owned"]
    start = dict(hardware)
    start["install"] = bought * x["install_usd_per_gpu"]
    start["sales_tax"] = x["sales_tax_rate"] * full
    only_cards = x["lease_covers"] == "gpus"
    if leased and only_cards:
        start |= {"gpus": 0.0, "spares": 0.0}
        start["sales_tax"] = x["sales_tax_rate"] * (hardware["servers"] + hardware["network"])
    elif leased:
        start |= dict.fromkeys((*hardware, "sales_tax"), 0.0)
    if there_already:
        start = dict.fromkeys(start, 0.0)
        for name in ("gpus", "spares", "servers"):
            start[name] = hardware[name] * kept(0) * net
    # Racks and power.
    server_kw = (size * x["gpu_w"] + x["server_w"]) / 1000
    by_space = down(x["rack_units"] / x["server_units"])
    in_rack = min(by_space, down(x["rack_kw"] / server_kw)) if server_kw else by_space
    racks = servers / in_rack if in_rack else math.inf
    racks = up(racks) if x["whole_racks"] and in_rack else racks
    peak = (bought * x["gpu_w"] + servers * x["server_w"]) / 1000
    busy_w = (
        n * x["gpu_w"] * x["load_factor"] + (bought - n) * x["idle_w"] + servers * x["server_w"]
    )
    idle_w = bought * x["idle_w"] + x["server_idle_share"] * servers * x["server_w"]
    kwh = hours * (u * busy_w + x["idle_tariff_ratio"] * (1 - u) * idle_w) / 1000
    metered = 0.0 if x["hosting"] == "colo_all_in" else kwh * x["electricity_usd_per_kwh"]
    floor_kw = x["colo_committed_kw"]
    billed_kw = max(peak, floor_kw)
    if floor_kw > 0:
        billed_kw += (x["colo_overage_ratio"] - 1) * max(peak - floor_kw, 0)
    # Section 2.
    term, committed = x["commitment_months"], x["billing"] == "committed"

    def bill(share: float) -> float:
        cap = x["rate_cap_usd_per_gpu_month"]
        return float(n * min(hours * share * x["rate_usd_per_gpu_hour"], cap))

    by_use = bill(u * (1 + x["billing_overhead"]))
    compute = by_use if x["billing"] == "per_use" else bill(1)
    fee = n * x["commitment_fee_usd_per_gpu"]
    terms = up(horizon / term) if committed else 0
    # Where the terms after the first begin: the month, and when.
    begins = defaultdict(list)
    for k in range(1, terms):
        begins[down(k * term) + 1].append(k * term)

    # The user's lines.
    units = {
        "fixed": {"own": 1, "rent": 1},
        "gpu": {"own": bought, "rent": n},
        "server": {"own": servers},
        "rack": {"own": racks},
        "it_kw": {"own": peak},
        "facility_kw": {"own": peak * x["pue"]},
        "busy_gpu_hour": {"own": hours * n * u, "rent": hours * n * u},
        "idle_gpu_hour": {"own": hours * (bought - n * u), "rent": hours * n * (1 - u)},
    }
    grows = {
        "flat": 0.0,
        "opex": x["opex_growth_per_year"],
        "electricity": x["electricity_growth_per_year"],
        "rental": x["rate_growth_per_year"],
    }
    spent: dict[str, float] = defaultdict(float)

    def lined(line: Any, m: int, paid: dict[str, float], width: float = 1.0) -> float:
        """What a line comes to in month m; `paid` are the items of that moment."""
        if line.item:
            return float(line.usd * paid.get(line.item, 0.0))
        growth = grown(grows[line.growth], m) if m else 1.0
        return float(line.usd * units[line.basis][line.side] * growth * width)

    def capped(line: Any, amount: float, used: float) -> float:
        if line.cap_usd is None:
            return amount
        return math.copysign(min(abs(amount), max(line.cap_usd - used, 0.0)), amount)

    def drawn(line: Any, amount: float) -> float:
        paid = capped(line, amount, spent[line.name])
        spent[line.name] += abs(paid)
        return paid

    def lines_of(side: str, when: str) -> list[Any]:
        return [line for line in lines if (line.side, line.when) == (side, when)]

    entries: list[Entry] = []
    lumps: set[int] = set()
    exit_lumps: set[int] = set()

    def pay(side: str, item: str, m: int, usd: float, at: float | None = None) -> None:
        entries.append(Entry(side, item, m, usd, worth(ends[m] if at is None else at)))

    # The start.
    for item, usd in start.items():
        pay("own", item, 0, usd)
    written_off = 0.0
    for line in lines_of("own", "start"):
        usd = drawn(line, lined(line, 0, start))
        written_off += usd
        pay("own", line.name, 0, usd)
    lease_month = bought * x["lease_usd_per_gpu_month"]
    lease_term, buyout = x["lease_months"], bought * x["lease_buyout_usd_per_gpu"]
    goes_back = bought * x["lease_return_usd_per_gpu"]
    advance, bought_out = x["lease_in_advance"], leased and x["lease_buyout_usd_per_gpu"] > 0
    apart, term_fee = x["lease_payment_interval_months"], bought * x["lease_fee_usd_per_gpu"]
    if leased and x["lease_buyout_at_market"]:
        bought_out = True
        buyout = (cards if only_cards else cards + hardware["servers"]) * kept(lease_term)
    leases_paid = 0.0
    deducted = 0.0
    if leased:
        pay("own", "lease_fee", 0, term_fee)
        deducted += term_fee
    if leased and advance:
        pay("own", "lease", 0, apart * lease_month)
        leases_paid = apart
        deducted += apart * lease_month
    owed = x["financed_share"] * full if kind == "loan" else 0.0
    loan_i, loan_n = x["loan_apr"] / 12, x["loan_months"]
    only = x["loan_interest_only_months"]
    balloon = owed * x["loan_balloon_share"]
    level = 0.0
    if kind == "loan":
        left = loan_n - only
        discounted = sum((1 + loan_i) ** -k for k in range(1, left + 1))
        level = (owed - balloon * (1 + loan_i) ** -left) / discounted
        pay("own", "loan_proceeds", 0, -owed)
        pay("own", "loan_fee", 0, owed * x["loan_fee_rate"])
        deducted += owed * x["loan_fee_rate"]
    pay("own", "tax_deduction", 0, -tax * deducted)
    if there_already:
        pay("own", "disposal_tax", 0, -tax * (cards + hardware["servers"]) * kept(0) * net)
    moved = n * x["upfront_usd_per_gpu"]
    paid_at_start = {"upfront": moved}
    pay("rent", "upfront", 0, moved)
    rent_deducted = moved
    for line in lines_of("rent", "start"):
        usd = drawn(line, lined(line, 0, paid_at_start))
        rent_deducted += usd
        pay("rent", line.name, 0, usd)
    if committed:
        pay("rent", "commitment_fee", 0, fee)
        rent_deducted += fee
        for line in lines_of("rent", "term"):
            usd = drawn(line, lined(line, 0, {"commitment_fee": fee}))
            rent_deducted += usd
            pay("rent", line.name, 0, usd)
    pay("rent", "tax_deduction", 0, -tax * rent_deducted)

    # The books.
    with_tax = 1 + x["sales_tax_rate"]
    late = x["delivery_months"]
    in_books = 0 if there_already or leased else 1
    own_others = 0 if there_already or (leased and not only_cards) else 1
    others = own_others * (hardware["servers"] + hardware["network"]) * with_tax
    others += 0 if there_already else bought * x["install_usd_per_gpu"]
    books = {"gpus": Book(x, in_books * cards * with_tax, late)}
    books["others"] = Book(x, others + written_off, late)
    # The cards in use: what the market values them from, and since when.
    market, since = cards, 0
    every = x["refresh_months"]
    curves = []
    returned = False
    sums: dict[tuple[str, bool], float] = defaultdict(float)
    counted = 0

    for m in range(last + 1):
        leaving: list[tuple[str, str, float]] = []
        t, whole = ends[m], ends[m] >= m
        if m:
            width = t - ends[m - 1]
            # Renting.
            age = down((m - 1) / term) * term if committed else m - 1
            price_now = float((1 + x["rate_growth_per_year"]) ** (age / 12))
            paid = {"compute": compute * price_now * width}
            paid["support"] = paid["compute"] * x["support_rate"]
            opex = grown(x["opex_growth_per_year"], m)
            paid["storage_egress"] = n * x["storage_egress_usd_per_gpu_month"] * opex * width
            for item, usd in paid.items():
                pay("rent", item, m, usd)
            rented = sum(paid.values())
            for line in lines_of("rent", "monthly"):
                if line.first_month <= m <= (line.last_month or m):
                    usd = drawn(line, lined(line, m, paid, width))
                    rented += usd
                    pay("rent", line.name, m, usd)
            pay("rent", "tax_deduction", m, -tax * rented)
            for at in begins[m]:
                exit_lumps.add(m)
                if fee:
                    lumps.add(m)
                pay("rent", "commitment_fee", m, fee, at)
                pay("rent", "tax_deduction", m, -tax * fee, at)
                for line in lines_of("rent", "term"):
                    usd = drawn(line, lined(line, m, {"commitment_fee": fee}))
                    if usd:
                        lumps.add(m)
                    pay("rent", line.name, m, usd, at)
                    pay("rent", "tax_deduction", m, -tax * usd, at)
            # Owning.
            own: dict[str, float] = {}
            power = grown(x["electricity_growth_per_year"], m)
            if m > late:
                own["energy_it"] = metered * power * width
                own["energy_cooling"] = own["energy_it"] * (x["pue"] - 1)
                if x["hosting"] == "own_site":
                    own["space"] = racks * x["rack_usd_per_month"] * opex * width
                else:
                    own["colocation"] = billed_kw * x["colo_usd_per_kw_month"] * opex * width
                own["staff"] = n * x["staff_usd_per_gpu_month"] * opex * width
                contract = x["maintenance_rate_per_year"] / 12 * opex * width
                own["maintenance"] = 0.0
                own["failures"] = 0.0
                if m > late + x["warranty_months"]:
                    own["maintenance"] += cards * contract
                    own["failures"] = hardware["gpus"] * x["failure_rate_per_year"] / 12 * width
                if m > late + x["server_warranty_months"]:
                    own["maintenance"] += (full - cards) * contract
                own["licenses"] = n * x["license_usd_per_gpu_year"] / 12 * opex * width
                own["insurance"] = full * x["insurance_rate_per_year"] / 12 * width
            deducted = sum(own.values())
            for line in lines_of("own", "monthly"):
                if m > late and line.first_month <= m <= (line.last_month or m):
                    usd = drawn(line, lined(line, m, own, width))
                    deducted += usd
                    pay("own", line.name, m, usd)
            if m <= late:
                moving = by_use * (1 + x["support_rate"]) * grown(x["rate_growth_per_year"], m)
                own["rent_until_delivery"] = width * (
                    moving + n * x["storage_egress_usd_per_gpu_month"] * opex
                )
                deducted += own["rent_until_delivery"]
            if leased:
                runs = not bought_out or m <= lease_term
                last_of_interval = m / apart == m // apart
                if advance:
                    next_runs = not bought_out or m + 1 <= lease_term
                    due = apart if m < last and next_runs and last_of_interval else 0.0
                elif last_of_interval and m < last:
                    due = apart if runs else 0.0
                elif m == last:
                    since = (m - 1) // apart * apart
                    due = t - since if runs else 0.0
                else:
                    due = 0.0
                leases_paid += due
                own["lease"] = due * lease_month
                deducted += own["lease"]
                if due and apart > 1:
                    lumps.add(m)
                ended = m % lease_term == 0
                returned = ended and not bought_out and m < last
                if returned:
                    own["lease_return"] = goes_back
                    own["lease_fee"] = term_fee
                    deducted += goes_back + term_fee
                if m > lease_term and (m - 1) % lease_term == 0 and runs:
                    exit_lumps.add(m)
            interest = 0.0
            if kind == "loan" and whole and m <= loan_n:
                interest = owed * loan_i
                own["loan_payment"] = interest if m <= only else level
                owed += interest - own["loan_payment"]
                if m == loan_n:
                    own["loan_balloon"] = balloon
                    owed = 0.0
            # A tax year ends; then cards are replaced, or bought out of the lease.
            shield = 0.0
            if whole and (m + x["purchase_month"] - 1) % 12 == 0:
                shield = sum(book.end_year() for book in books.values() if m > book.month)
            if every and m % every == 0 and m < last:
                sold = market * kept(m - since) * net
                market = bought * (1 + x["spares_rate"]) * x["refresh_price_usd_per_gpu"]
                since = m
                own["refresh"], own["refresh_resale"] = market * with_tax, -sold
                own["refresh_tax"] = tax * (sold - books["gpus"].left)
                books["gpus"] = Book(x, own["refresh"], m)
            if bought_out and m == lease_term and whole:
                own["lease_buyout"] = buyout
                books["gpus"] = Book(x, buyout, m)
            own["tax_deduction"] = -tax * deducted
            own["loan_interest_shield"] = -tax * interest
            own["depreciation_shield"] = -tax * shield
            for item, usd in own.items():
                pay("own", item, m, usd)
                jumps = ("loan_balloon", "lease_buyout", "lease_return", "lease_fee", "refresh",
                         "refresh_resale", "depreciation_shield")  # fmt: skip
                if item in jumps and usd:
                    lumps.add(m)
        # Leaving now.
        mine = not leased or (bought_out and t >= lease_term)
        value = market * kept(t - since) + hardware["servers"] * kept(t)
        resale = value * net if mine else 0.0
        if not every:
            resale = (cards + hardware["servers"]) * kept(t) * net if mine else 0.0
        if leased and only_cards and not mine:
            resale = hardware["servers"] * kept(t) * net
        out = {"resale": -resale}
        on_books = sum(book.left for book in books.values())
        exit_deducted = 0.0
        if leased:
            ran = up(t / lease_term) * lease_term
            ran = lease_term if bought_out and t > lease_term else ran
            out["unused_lease"] = (ran - leases_paid) * lease_month
            if returned:
                # Whoever stops as a term ends begins no other, and pays no fee for it.
                out["unused_lease"] -= term_fee
            out["lease_return"] = goes_back if t > 0 and not mine and not returned else 0.0
            exit_deducted += out["unused_lease"] + out["lease_return"]
        if kind == "loan":
            settled = owed * (1 + loan_i) ** (t % 1)
            out["loan_settlement"] = settled
            exit_deducted += settled - owed
        for line in lines_of("own", "exit"):
            usd = capped(line, lined(line, m, {"resale": -resale}), 0.0)
            out[line.name] = usd
            exit_deducted += usd
        out["disposal_tax"] = tax * (resale - on_books)
        out["exit_deduction"] = -tax * exit_deducted
        leaving += [("own", item, usd) for item, usd in out.items()]
        unused = 0.0
        if committed and m:
            month_price = compute * (1 + x["support_rate"]) * price_now
            unused = (up(t / term) * term - t) * month_price
        over = {"unused_commitment": unused}
        for line in lines_of("rent", "exit"):
            over[line.name] = capped(line, lined(line, m, {"unused_commitment": unused}), 0.0)
        over["exit_deduction"] = -tax * sum(over.values())
        leaving += [("rent", item, usd) for item, usd in over.items()]
        for entry in entries[counted:]:
            sums[entry.side, True] += entry.usd * entry.worth
            sums[entry.side, False] += entry.usd
        counted = len(entries)
        point = [t, *(sums[side, how] for how in (True, False) for side in ("own", "rent"))]
        for at, side in enumerate(("own", "rent"), start=1):
            point.append(point[at] + worth(t) * sum(z for s, _, z in leaving if s == side))
        curves.append(tuple(point))
    entries += [Entry(side, item, last, usd, worth(horizon)) for side, item, usd in leaving]
    return _answer(x, entries, curves, lumps, exit_lumps, leaving, in_rack * size, racks)


def _answer(
    x: dict[str, Any],
    entries: list[Entry],
    curves: list[tuple[float, ...]],
    lumps: set[int],
    exit_lumps: set[int],
    leaving: list[tuple[str, str, float]],
    per_rack: int,
    racks: float,
) -> Answer:
    """Section 4."""
    own_npv, rent_npv = curves[-1][5:]
    found = {
        "discounted": crossings(curves, 1, 2, lumps, 0),
        "plain": crossings(curves, 3, 4, lumps, 0),
        "exit": crossings(curves, 5, 6, lumps | exit_lumps, 1),
    }
    months, simple, exits = (at[-1][0] if ahead else math.inf for at, ahead in found.values())
    firsts = [t for t, side in found["discounted"][0] if side == "own"]
    plain = {side: curves[-1][at] for side, at in (("own", 3), ("rent", 4))}
    for side, _, usd in leaving:
        plain[side] += usd
    saving = rent_npv - own_npv
    busy = sum(
        x["gpus"] * x["hours_per_month"] * x["utilization"] * (b[0] - a[0])
        * (1 + x["discount_rate"]) ** (-b[0] / 12)
        for a, b in pairwise(curves)
    )  # fmt: skip
    status = "immediate" if months == 0 else "breaks_even"
    if months == math.inf:
        status = "reverses" if firsts else "never"
    close = abs(saving) <= 0.05 * max(abs(own_npv), abs(rent_npv))
    return Answer(
        entries,
        {
            "months": months,
            "first_months": firsts[0] if firsts else math.inf,
            "simple_months": simple,
            "exit_months": exits,
            "hours": months * x["hours_per_month"] * x["utilization"] if months < math.inf
            else math.inf,
            "own_npv_usd": own_npv,
            "rent_npv_usd": rent_npv,
            "npv_saving_usd": saving,
            "undiscounted_saving_usd": plain["rent"] - plain["own"],
            "own_usd_per_gpu_hour": own_npv / busy if busy else math.inf,
            "rent_usd_per_gpu_hour": rent_npv / busy if busy else math.inf,
            "gpus_per_rack": per_rack,
            "racks": racks,
            "status": status,
            "verdict": "toss_up" if close else "buy" if saving > 0 else "rent",
        },
        curves,
        found["discounted"][0],
    )  # fmt: skip


def crossings(
    curves: list[tuple[float, ...]], own: int, rent: int, lumps: set[int], first: int
) -> tuple[tuple[tuple[float, str], ...], bool]:
    """Every crossing of two columns from a point on, and whether owning is ahead at the end."""

    def ahead(k: int) -> bool:
        a, b = curves[k][own], curves[k][rent]
        return a - b <= 1e-9 * (abs(a) + abs(b))

    found = [(curves[first][0], "own")] if ahead(first) else []
    for k in range(first + 1, len(curves)):
        if ahead(k) == ahead(k - 1):
            continue
        (t0, gap0), (t1, gap1) = (
            (curves[j][0], curves[j][own] - curves[j][rent]) for j in (k - 1, k)
        )
        at = t1
        if k not in lumps and gap0 != gap1:
            at = min(max(t0 + (t1 - t0) * gap0 / (gap0 - gap1), t0), t1)
        found.append((at, "own" if ahead(k) else "rent"))
    return tuple(found), ahead(len(curves) - 1)
