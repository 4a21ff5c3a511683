"""The items of cost: one row for each, from which everything that lists items derives.

Ledger, sums, waterfall, cost stacks, what is due on exit, the tax treatment, the columns of the
workbook: all read this table. A row with an `amount` is all that an item needs. An item without one
is followed from month to month by a part of the model (a loan, a lease, …), which declares it; an
item that only one of the two knows is an error at import.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from tco.finance.discounting import residual_share
from tco.inputs import Inputs
from tco.model import facility, ownership, rental
from tco.numeric import MONTHS_PER_YEAR, Numeric, any_true, select

OWN, RENT = SIDES = ("own", "rent")

# When something is paid: at t = 0, at the ends of months, on exit.
START, MONTH, EXIT = "start", "month", "exit"

# How a monthly amount develops: its position among the factors of a period.
(
    FLAT,
    FLAT_AFTER_WARRANTY,
    OPEX,
    OPEX_AFTER_WARRANTY,
    OPEX_AFTER_SERVER_WARRANTY,
    ELECTRICITY,
    RENTAL,
) = GROWTHS = range(7)
# What an amount on exit is multiplied with: 1, the share of the market value that is left, the
# months of a commitment that are still to be paid, at the rate that is paid.
ON_LEAVING, RESIDUAL, UNUSED = range(3)

# What the income tax does with an item.
DEDUCTED = "deducted when it is paid"
WRITTEN_OFF = "written off in the tax books"
GAIN = "taxed less what is left in the books"
BORROWED = "borrowed money, neither income nor deducted"
INCOME_TAX = "income tax itself"
TREATMENTS = (DEDUCTED, WRITTEN_OFF, GAIN, BORROWED, INCOME_TAX)

# Hardware: what it is financed, taxed and insured as. GPUs are replaced by a refresh and resold,
# the servers resold, and nothing is left of the rest.
GPUS, RESOLD, KEPT = "gpus", "resold", "kept"

# The groups of the options' cost stacks, by side and in their order.
TAX_GROUP, LINES_GROUP = "income tax", "your own lines"
GROUPS = {
    OWN: (
        "hardware, less resale",
        "loan, lease",
        "energy, cooling",
        "space, colocation",
        "staff, upkeep",
        "rent until delivery",
    ),
    RENT: ("compute", "support, storage", "commitment"),
}
# The steps of the waterfalls, by side: the item with which it begins, those that are always shown,
# those that are where the scenario has such an item; of owning the resale at the end.
CARD, RATE, RESALE = "card", "rental rate", "resale"
STEPS = {
    OWN: (
        "server",
        "network, tax, install",
        "energy",
        "cooling",
        "space, colocation",
        "staff",
        "upkeep, insurance",
    ),
    RENT: (),
}
MORE_STEPS = {
    OWN: ("loan, lease", "delivery, refresh", "income tax"),
    RENT: ("support plan", "storage, transfer", "migration, commitment", "income tax"),
}
_ENDS = {OWN: (CARD, RESALE), RENT: (RATE,)}


class Basis(NamedTuple):
    """What several amounts of owning are counted on.

    `hardware` is what hardware costs by item, whoever pays for it; `hardware_usd` is all of it,
    `gpus_usd` that of GPUs and spares; `bought_usd` is what is neither leased nor there already,
    `resold_usd` what the resale starts from, net of the cost of selling; `servers` are bought, and
    `energy_usd` is a full first month's of the IT equipment.
    """

    hardware: dict[str, Numeric]
    gpus_usd: Numeric
    hardware_usd: Numeric
    bought_usd: Numeric
    resold_usd: Numeric
    servers: Numeric
    energy_usd: Numeric


class Item(NamedTuple):
    """One item of cost.

    `when` it is paid (several joined by a space), and how `tax` treats it; `group` and `step` are
    where it stands in cost stacks and waterfall; `label` and `meaning` are words for people. An
    `amount` takes the inputs and the `Basis` (of renting a full first month's compute, of hardware
    the number of GPUs bought) and gives what is paid [USD] at the start, in a full first month, or
    on exit before `growth` applies.
    An item whose parts develop differently has a tuple of growths, and one of amounts. `hardware`
    is its kind. A `lump` is not paid evenly: in its month a crossing lies at the end.
    What a lessee gives up at the end is a `residual`.
    """

    name: str
    side: str
    when: str
    tax: str
    group: str
    step: str
    label: str
    meaning: str
    amount: Callable[[Inputs, Any], Any] | None = None
    growth: Any = None
    hardware: str = ""
    lump: bool = False
    residual: bool = False


_HARDWARE, _ENERGY, _SITE, _UPKEEP, _DELIVERY = (GROUPS[OWN][at] for at in (0, 2, 3, 4, 5))
_CREDIT, _TAX = GROUPS[OWN][1], TAX_GROUP
_COMPUTE, _SERVICES, _COMMITMENT = GROUPS[RENT]
_NETWORK, _INSURED, _LATER = STEPS[OWN][1], STEPS[OWN][6], MORE_STEPS[OWN][1]
_SUPPORT, _STORAGE, _FEES, _ = MORE_STEPS[RENT]

# fmt: off
ITEMS = (
    # Owning, at the start.
    Item("gpus", OWN, START, WRITTEN_OFF, _HARDWARE, CARD, "GPUs", "cards in use",
         amount=lambda v, bought: bought * v.price_usd_per_gpu, hardware=GPUS),
    Item("spares", OWN, START, WRITTEN_OFF, _HARDWARE, _NETWORK, "Spare GPUs", "cards in stock",
         amount=lambda v, bought: bought * v.price_usd_per_gpu * v.spares_rate,
         hardware=GPUS),
    Item("servers", OWN, START, WRITTEN_OFF, _HARDWARE, "server", "Servers", "servers without GPUs",
         amount=lambda v, _: ownership.servers(v) * v.server_usd, hardware=RESOLD),
    Item("network", OWN, START, WRITTEN_OFF, _HARDWARE, _NETWORK, "Network", "switches and cables",
         amount=lambda v, bought: bought * v.network_usd_per_gpu, hardware=KEPT),
    Item("install", OWN, START, WRITTEN_OFF, _HARDWARE, _NETWORK, "Installation",
         "freight and racking", amount=lambda v, _: ownership.install_usd(v)),
    Item("sales_tax", OWN, START, WRITTEN_OFF, _HARDWARE, _NETWORK, "Sales tax",
         "non-recoverable sales tax",
         amount=lambda v, base: base.bought_usd * v.sales_tax_rate),
    Item("loan_proceeds", OWN, START, BORROWED, _CREDIT, _CREDIT, "Loan", "loan proceeds"),
    Item("loan_fee", OWN, START, DEDUCTED, _CREDIT, _CREDIT, "Loan fee", "charged by the lender"),
    # Owning, month by month.
    Item("energy_it", OWN, MONTH, DEDUCTED, _ENERGY, "energy", "Energy",
         "power of GPUs and servers", amount=lambda _, base: base.energy_usd, growth=ELECTRICITY),
    Item("energy_cooling", OWN, MONTH, DEDUCTED, _ENERGY, "cooling", "Cooling",
         "facility power beyond IT power",
         amount=lambda v, base: facility.cooling(base.energy_usd, v.pue), growth=ELECTRICITY),
    Item("space", OWN, MONTH, DEDUCTED, _SITE, _SITE, "Rack space", "racks",
         amount=lambda v, _: ownership.space_usd(v), growth=OPEX),
    Item("colocation", OWN, MONTH, DEDUCTED, _SITE, _SITE, "Colocation", "reserved power",
         amount=lambda v, base: ownership.colocation_usd(v, base.servers), growth=OPEX),
    Item("staff", OWN, MONTH, DEDUCTED, _UPKEEP, "staff", "Staff", "staff to run the hardware",
         amount=lambda v, _: v.gpus * v.staff_usd_per_gpu_month, growth=OPEX),
    Item("maintenance", OWN, MONTH, DEDUCTED, _UPKEEP, _INSURED, "Maintenance",
         "contract after the warranty",
         amount=lambda v, base: (
             base.gpus_usd * v.maintenance_rate_per_year / MONTHS_PER_YEAR,
             (base.hardware_usd - base.gpus_usd) * v.maintenance_rate_per_year / MONTHS_PER_YEAR),
         growth=(OPEX_AFTER_WARRANTY, OPEX_AFTER_SERVER_WARRANTY)),
    Item("failures", OWN, MONTH, DEDUCTED, _UPKEEP, _INSURED, "Failures",
         "replacement of failed GPUs",
         growth=FLAT_AFTER_WARRANTY, amount=lambda v, _: (
             ownership.gpus(v) * v.price_usd_per_gpu * v.failure_rate_per_year / MONTHS_PER_YEAR)),
    Item("licenses", OWN, MONTH, DEDUCTED, _UPKEEP, _INSURED, "Licenses", "software licenses",
         amount=lambda v, _: v.gpus * v.license_usd_per_gpu_year / MONTHS_PER_YEAR, growth=OPEX),
    Item("insurance", OWN, MONTH, DEDUCTED, _UPKEEP, _INSURED, "Insurance",
         "insurance of the hardware",
         amount=lambda v, base: base.hardware_usd * v.insurance_rate_per_year / MONTHS_PER_YEAR,
         growth=FLAT),
    Item("rent_until_delivery", OWN, MONTH, DEDUCTED, _DELIVERY, _LATER, "Rent until delivery",
         "busy hours rented until delivery"),
    Item("lease", OWN, f"{START} {MONTH}", DEDUCTED, _CREDIT, _CREDIT, "Lease",
         "lease payments"),
    Item("lease_fee", OWN, f"{START} {MONTH}", DEDUCTED, _CREDIT, _CREDIT, "Lease fee",
         "at the start of each lease term", lump=True),
    Item("lease_buyout", OWN, MONTH, WRITTEN_OFF, _CREDIT, _CREDIT, "Lease buyout",
         "hardware bought at lease end", lump=True),
    Item("lease_return", OWN, f"{MONTH} {EXIT}", DEDUCTED, _CREDIT, _CREDIT, "Lease return",
         "hardware returned at lease end", lump=True),
    Item("loan_payment", OWN, MONTH, BORROWED, _CREDIT, _CREDIT, "Loan payment",
         "interest and repayment"),
    Item("loan_balloon", OWN, MONTH, BORROWED, _CREDIT, _CREDIT, "Loan balloon",
         "balance after the level payments", lump=True),
    Item("refresh", OWN, MONTH, WRITTEN_OFF, _HARDWARE, _LATER, "Refresh",
         "replacement GPUs", lump=True),
    Item("refresh_resale", OWN, MONTH, GAIN, _HARDWARE, _LATER, "Refresh resale",
         "sale of the replaced GPUs", lump=True),
    Item("refresh_tax", OWN, MONTH, INCOME_TAX, _TAX, _TAX, "Tax on the refresh",
         "tax on the gain from that sale"),
    Item("tax_deduction", OWN, f"{START} {MONTH}", INCOME_TAX, _TAX, _TAX, "Tax deduction",
         "tax saved on expenses"),
    Item("loan_interest_shield", OWN, MONTH, INCOME_TAX, _TAX, _TAX, "Interest tax shield",
         "tax saved on interest"),
    Item("depreciation_shield", OWN, MONTH, INCOME_TAX, _TAX, _TAX, "Depreciation tax shield",
         "tax saved on depreciation", lump=True),
    # Owning, on exit.
    Item("resale", OWN, EXIT, GAIN, _HARDWARE, RESALE, "Resale", "resale proceeds of all hardware",
         amount=lambda _, base: -base.resold_usd, growth=RESIDUAL, residual=True),
    Item("disposal_tax", OWN, f"{START} {EXIT}", INCOME_TAX, _TAX, _TAX, "Tax on the resale",
         "tax on the gain; a saving at the start if owned hardware is kept", residual=True),
    Item("loan_settlement", OWN, EXIT, BORROWED, _CREDIT, _CREDIT, "Loan settlement",
         "outstanding balance"),
    Item("unused_lease", OWN, EXIT, DEDUCTED, _CREDIT, _CREDIT, "Unused lease",
         "rest of the lease term"),
    Item("exit_deduction", OWN, EXIT, INCOME_TAX, _TAX, _TAX, "Tax deduction on exit",
         "tax saved on exit costs"),
    # Renting.
    Item("upfront", RENT, START, DEDUCTED, _COMMITMENT, _FEES, "Upfront fee",
         "migration", amount=lambda v, _: v.gpus * v.upfront_usd_per_gpu),
    Item("commitment_fee", RENT, f"{START} {MONTH}", DEDUCTED, _COMMITMENT, _FEES, "Commitment fee",
         "at the start of each term", lump=True),
    Item("compute", RENT, MONTH, DEDUCTED, _COMPUTE, RATE, "Compute", "billed GPU-hours",
         amount=lambda _, compute: compute, growth=RENTAL),
    Item("support", RENT, MONTH, DEDUCTED, _SERVICES, _SUPPORT, "Support", "support plan",
         amount=lambda v, compute: compute * v.support_rate, growth=RENTAL),
    Item("storage_egress", RENT, MONTH, DEDUCTED, _SERVICES, _STORAGE, "Storage, data transfer",
         "storage and data transfer",
         amount=lambda v, _: v.gpus * v.storage_egress_usd_per_gpu_month, growth=OPEX),
    Item("tax_deduction", RENT, f"{START} {MONTH}", INCOME_TAX, _TAX, _TAX, "Tax deduction",
         "tax saved on expenses"),
    Item("unused_commitment", RENT, EXIT, DEDUCTED, _COMMITMENT, _FEES, "Unused commitment",
         "rest of the commitment term", amount=lambda v, compute: compute * (1 + v.support_rate),
         growth=UNUSED),
    Item("exit_deduction", RENT, EXIT, INCOME_TAX, _TAX, _TAX, "Tax deduction on exit",
         "tax saved on exit costs"),
)
# fmt: on


def item_of(side: str, name: str) -> Item:
    """The row of an item; KeyError for one that is not registered.

    >>> item_of("own", "staff").label
    'Staff'
    """
    return _ROWS[side, name]


def items_of(side: str, when: str = "") -> tuple[Item, ...]:
    """The items of a side, in the order of the ledger; with `when` those that are paid then.

    >>> [item.name for item in items_of("rent", EXIT)]
    ['unused_commitment', 'exit_deduction']
    """
    return tuple(item for item in ITEMS if item.side == side and when in item.when)


class Amounts(NamedTuple):
    """What a side pays at the start, in a full first month, and on exit, by item [USD].

    `month` names the growth of each amount too; an item may have several.
    """

    start: dict[str, Numeric]
    month: list[tuple[str, int, Numeric]]
    exit: dict[str, Numeric]

    def by_growth(self) -> list[Numeric]:
        """The monthly amounts summed by growth, so that one pass needs no items [USD].

        >>> Amounts({}, [("staff", OPEX, 100), ("licenses", OPEX, 20)], {}).by_growth()
        [0, 0, 120, 0, 0, 0, 0]
        """
        sums: list[Numeric] = [0] * len(GROWTHS)
        for _, growth, amount in self.month:
            sums[growth] = sums[growth] + amount
        return sums


def amounts(v: Inputs, side: str) -> Amounts:
    """The amounts of every item of a side that has one of its own; leased hardware costs nothing.

    >>> from tco.inputs import Inputs
    >>> from tco.scenario import Scenario
    >>> v = Inputs.of(Scenario(gpus=8, staff_usd_per_gpu_month=5).values())
    >>> [usd for name, _, usd in amounts(v, "own").month if name == "staff"]
    [40.0]
    """
    base: Any = rental.compute_usd(v) if side == RENT else basis(v)
    start, month, leaving = _AMOUNTS[side]
    at_start = {name: amount(v, base) for name, amount in start}
    if side == OWN:
        at_start = _paid_for(v, base.hardware) | at_start
    monthly: list[tuple[str, int, Numeric]] = []
    for name, growth, amount in month:
        if isinstance(growth, tuple):
            monthly += zip((name,) * len(growth), growth, amount(v, base), strict=True)
        else:
            monthly.append((name, growth, amount(v, base)))
    return Amounts(at_start, monthly, {name: amount(v, base) for name, amount in leaving})


def _paid_for(v: Inputs, hardware: dict[str, Numeric]) -> dict[str, Numeric]:
    """What hardware takes at the start; what is there already, what selling it now would bring."""
    leased: Any = v.financing == "lease"
    if not any_true(leased | v.already_owned):
        return hardware
    fetched = residual_share(v.resale_decline_per_year, 0 * v.horizon_months)
    kept = fetched * (1 - v.selling_cost_rate)
    all_leased: Any = leased & (v.lease_covers == "all_hardware")
    return {
        name: select(
            leased if name in _GPUS else all_leased,
            0,
            select(v.already_owned, cost * kept if name in _RESOLD else 0, cost),
        )
        for name, cost in hardware.items()
    }


def hardware(v: Inputs) -> dict[str, Numeric]:
    """What hardware costs by item, whoever pays for it [USD]."""
    bought = ownership.gpus(v)
    return {name: amount(v, bought) for name, amount in _HARDWARE_AMOUNTS}


def basis(v: Inputs) -> Basis:
    """What the amounts of owning are counted on."""
    costs = hardware(v)
    total: Any = sum(costs.values())
    gpus: Any = sum(costs[name] for name in _GPUS)
    resold: Any = sum(costs[name] for name in _RESOLD)
    servers = ownership.servers(v)
    leased: Any = v.financing == "lease"
    all_leased: Any = leased & (v.lease_covers == "all_hardware")
    there: Any = all_leased | v.already_owned
    bought: Any = select(leased, total - gpus, total) if any_true(leased) else total
    return Basis(
        costs,
        gpus,
        total,
        select(there, 0, bought),
        resold * (1 - v.selling_cost_rate),
        servers,
        ownership.energy_usd(v, servers),
    )


def registered(parts: Mapping[str, Iterable[Mapping[str, Iterable[str]]]]) -> None:
    """ValueError unless every item has one origin, and its row all that its kind needs.

    `parts` are the items that parts of the model follow, by side and by when. Runs at import.

    >>> registered({"own": [{"month": ["coffee"]}]})
    Traceback (most recent call last):
    ValueError: own coffee (month) is followed, but not in the table of items
    """
    followed = [
        (side, when, name)
        for side, listed in parts.items()
        for part in listed
        for when, names in part.items()
        for name in names
    ]
    rows = {(item.side, when, item.name): item for item in ITEMS for when in item.when.split()}
    for origin in followed:
        if origin not in rows:
            side, when, name = origin
            raise ValueError(f"{side} {name} ({when}) is followed, but not in the table of items")
    for (side, when, name), item in rows.items():
        wrong = ""
        if sum((item.side, item.name) == (other.side, other.name) for other in ITEMS) > 1:
            wrong = "has two rows"
        elif item.tax not in TREATMENTS or not (item.label and item.meaning):
            wrong = "lacks its tax treatment or its words"
        elif item.group not in (*GROUPS[side], TAX_GROUP):
            wrong = f"has a group that is not listed: {item.group!r}"
        elif item.step not in (*_ENDS[side], *STEPS[side], *MORE_STEPS[side]):
            wrong = f"has a step that is not listed: {item.step!r}"
        elif (item.amount is not None) + followed.count((side, when, name)) != 1:
            wrong = "needs an amount, or one part that follows it"
        elif item.amount and (item.growth is None) != (when == START):
            wrong = "needs a growth from the first month on, and none at the start"
        elif item.amount and item.tax not in _TAXED[side, when]:
            wrong = f"needs a part that follows it, to be {item.tax}"
        if wrong:
            raise ValueError(f"{side} {name} ({when}) {wrong}")


# What the pass itself can do with an amount; anything else takes a part that follows it.
_TAXED = {
    (OWN, START): (WRITTEN_OFF, DEDUCTED),
    (OWN, MONTH): (DEDUCTED,),
    (OWN, EXIT): (DEDUCTED, GAIN),
    (RENT, START): (DEDUCTED,),
    (RENT, MONTH): (DEDUCTED,),
    (RENT, EXIT): (DEDUCTED,),
}
_ROWS = {(item.side, item.name): item for item in ITEMS}


def group_of(side: str, item: str) -> str:
    """Where an item, or a line of the user's own, stands in cost stacks.

    >>> group_of("own", "gpus"), group_of("own", "administrator")
    ('hardware, less resale', 'your own lines')
    """
    return _ROWS[side, item].group if (side, item) in _ROWS else LINES_GROUP


# How the amount of an item develops.
GROWTH = {(item.side, item.name): item.growth for item in ITEMS if item.amount}
# How the monthly amounts of each side can grow.
MONTHLY_GROWTHS = {
    side: tuple(
        sorted(
            {
                growth
                for item in items_of(side, MONTH)
                if item.amount
                for growth in (item.growth if isinstance(item.growth, tuple) else (item.growth,))
            }
        )
    )
    for side in SIDES
}
# The amounts of each side: at the start those of the hardware come first, and apart.
_AMOUNTS: Any = {
    side: tuple(
        tuple(
            (item.name, item.growth, item.amount) if when == MONTH else (item.name, item.amount)
            for item in items_of(side, when)
            if item.amount and not item.hardware
        )
        for when in (START, MONTH, EXIT)
    )
    for side in SIDES
}
_HARDWARE_AMOUNTS = tuple(
    (item.name, item.amount) for item in ITEMS if item.amount and item.hardware
)
_GPUS = tuple(item.name for item in ITEMS if item.hardware == GPUS)
_RESOLD = tuple(item.name for item in ITEMS if item.hardware in (GPUS, RESOLD))
# What is only paid or received when one stops; of a lease's return also when a term ends.
EXIT_ITEMS = tuple(dict.fromkeys(item.name for item in ITEMS if EXIT in item.when))
