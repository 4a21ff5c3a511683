"""What a fleet's plan comes to, in sentences made of plain numbers."""

from __future__ import annotations

from collections.abc import Sequence

from tco.words.figures import fixed_percent, period, whole_usd


def gpus_text(count: float) -> str:
    """So many GPUs.

    >>> gpus_text(1), gpus_text(1200)
    ('1 GPU', '1,200 GPUs')
    """
    return f"{count:,.10g} GPU{'' if count == 1 else 's'}"


def plan_sentence(
    owned: int,
    needed: int,
    npv: float,
    all_rent: float,
    all_own: float,
    horizon_months: float,
    may_own_all: bool = True,
) -> str:
    """What to own and to rent, and what that costs beside the two extremes.

    >>> plan_sentence(4, 10, 32764.94, 56808.25, 40141.58, 36)[:61]
    'Own 4 of 10 GPUs and rent the rest as needed: $32,800 over 3 '
    >>> plan_sentence(0, 10, 56808.25, 56808.25, 90000, 36)
    'Rent all 10 GPUs: $56,800 over 3 years, 37 % less than owning all.'
    """
    if owned == 0:
        what = f"Rent all {gpus_text(needed)}" if needed > 1 else "Rent the GPU"
    elif owned >= needed:
        surplus = f" ({owned - needed:,} of them fill servers)" if owned > needed else ""
        what = f"Own {'all ' if needed > 1 else ''}{gpus_text(owned)}{surplus}"
    else:
        what = f"Own {owned:,} of {gpus_text(needed)} and rent the rest as needed"
    cost = f"{what}: {whole_usd(npv)} over {period(horizon_months)}"
    beside = [
        _compared(npv, other, name)
        for other, name, is_same in (
            (all_rent, "renting all", owned == 0),
            (all_own, "owning all" if may_own_all else "owning all that may be", all_own == npv),
        )
        if not is_same
    ]
    told = " and ".join(filter(None, beside))
    return f"{cost}, {told}." if told else f"{cost}."


def _compared(npv: float, other: float, name: str) -> str:
    """By how much a plan costs less than another; empty where that says nothing."""
    if other <= 0 or npv <= 0:
        return ""
    share = 1 - npv / other
    if abs(share) < 0.005:
        return f"about as much as {name}"
    return f"{fixed_percent(abs(share))} {'less' if share > 0 else 'more'} than {name}"


def calendar_sentence(purchases: Sequence[tuple[int, int]]) -> str:
    """When to buy how many GPUs, by month.

    >>> calendar_sentence([(0, 4), (12, 2), (24, 3)])
    'Buy 4 GPUs now, 2 in month 12 and 3 in month 24.'
    >>> calendar_sentence([])
    'Buy none.'
    """
    if not purchases:
        return "Buy none."
    (first, gpus), *rest = purchases
    said = [f"{gpus_text(gpus)} {_when(first)}", *(f"{n:,} {_when(at)}" for at, n in rest)]
    return f"Buy {' and '.join(filter(None, (', '.join(said[:-1]), said[-1])))}."


def _when(month: int) -> str:
    return "now" if month == 0 else f"in month {month}"


def demand_sentence(mean: float, peak: float, hours: float) -> str:
    """What a demand is: GPUs on average and at the peak, and the hours that are known.

    >>> demand_sentence(4.857, 10, 168)
    'Demand: 4.86 GPUs on average, 10 GPUs at the peak (mean over peak 49 %); 168 hours are known.'
    """
    known = f"; {hours:,.10g} hours are known" if hours else ""
    means, peaks = gpus_text(round(mean, 2)), gpus_text(round(peak, 2))
    share = fixed_percent(mean / peak)
    return f"Demand: {means} on average, {peaks} at the peak (mean over peak {share}){known}."


def wait_sentence(months: int, extra_usd: float, owned: int) -> str:
    """What renting all for some months before buying costs beside buying now.

    >>> wait_sentence(6, 1532.4, 4)
    'Renting all for 6 months and buying 4 GPUs then costs $1,530 more than buying now.'
    >>> wait_sentence(6, -200, 5)
    'Renting all for 6 months and buying 5 GPUs then costs $200 less than buying now.'
    """
    then = f"buying {gpus_text(owned)} then" if owned else "buying none then"
    spell = f"{months} month{'' if months == 1 else 's'}"
    if abs(extra_usd) < 0.005:
        return f"Renting all for {spell} and {then} costs as much as buying now."
    more = "more" if extra_usd > 0 else "less"
    return (
        f"Renting all for {spell} and {then} costs {whole_usd(abs(extra_usd))} {more} "
        "than buying now."
    )


_LIMITS = {
    "owned_max": "The limit on owned GPUs",
    "site_kw": "Site power",
    "site_units": "Rack space",
}


def binding_sentence(limits: Sequence[str], fit: int, needed: int) -> str:
    """Which limits keep more from being owned, and what is left to rent.

    >>> binding_sentence(["site_kw"], 72, 128)
    'Site power: 72 GPUs fit; rent the other 56.'
    >>> binding_sentence(["owned_max"], 0, 9)
    'The limit on owned GPUs: no GPU may be owned; rent all 9.'
    """
    first, *rest = (_LIMITS[name] for name in limits)
    named = " and ".join([first, *(f"{name[:1].lower()}{name[1:]}" for name in rest)])
    is_owned = list(limits) == ["owned_max"]
    if fit == 0:
        return f"{named}: no GPU {'may be owned' if is_owned else 'fits'}; rent all {needed:,}."
    verb = "may be owned" if is_owned else "fits" if fit == 1 else "fit"
    return f"{named}: {gpus_text(fit)} {verb}; rent the other {needed - fit:,}."
