"""What other prices mean: which answers to the default question they change, and by how much."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tco import words
from tco.inputs import PRICES, RATE
from tco.market.catalogue import Catalogue
from tco.market.observed import Batch
from tco.model.breakeven import breakeven
from tco.scenario import Scenario
from tco.words.figures import rate_text, whole_usd

# So many GPUs without a change are named.
_MOST_NAMED = 8


@dataclass(frozen=True)
class DefaultAnswer:
    """What some data says of a GPU to somebody who gives nothing else.

    `verdict` is empty and `saving_usd` None where there is no price or no rate. `borrowed` is the
    GPU that the rate is of, where nobody rents this one out.
    """

    verdict: str
    rate_usd_per_gpu_hour: float | None
    saving_usd: float | None
    borrowed: str = ""

    @property
    def told(self) -> tuple[str, str | None, str | None]:
        """Verdict, rate and saving, as far as a reader sees a difference in them."""
        rate, saving = self.rate_usd_per_gpu_hour, self.saving_usd
        return (
            self.verdict,
            None if rate is None else rate_text(rate),
            None if saving is None else whole_usd(saving),
        )


@dataclass(frozen=True)
class Change:
    """The default answer for a GPU before and after prices came."""

    gpu: str
    before: DefaultAnswer
    after: DefaultAnswer

    @property
    def turns(self) -> bool:
        """Whether the verdict is another one."""
        return self.before.verdict != self.after.verdict

    @property
    def moves(self) -> bool:
        """Whether anything of the answer is another."""
        return self.before.told != self.after.told


def default_answer(catalogue: Catalogue, gpu: str) -> DefaultAnswer:
    """The answer of some data for a GPU, everything else by default, as of its newest date.

    >>> from tco.market.catalogue import load
    >>> default_answer(load(), "L4").verdict
    'buy'
    """
    return answer_of(Scenario(gpu=gpu, prices=catalogue))


def answer_of(asked: Scenario) -> DefaultAnswer:
    """What some data says to a question, with whatever was given beside it.

    >>> answer_of(Scenario(gpu="L4", utilization=0.05)).verdict
    'rent'
    """
    resolved = asked.resolved()
    rate = resolved[RATE]
    found = DefaultAnswer("", rate.value, None, rate.borrowed)
    if any(resolved[name].value is None for name in PRICES):
        return found
    answer = breakeven(asked)
    return DefaultAnswer(answer.verdict, rate.value, answer.npv_saving_usd, rate.borrowed)


def gpus_of(batches: Iterable[Batch]) -> list[str]:
    """The GPUs that some files bring prices, rates or quotes of, in the order of the alphabet."""
    rows = (
        row
        for batch in batches
        for kind in (batch.rates, batch.prices, batch.quotes)
        for row in kind
    )
    return sorted({row.gpu for row in rows})


def changes(
    before: Catalogue, after: Catalogue, gpus: Iterable[str] | None = None
) -> tuple[Change, ...]:
    """The default answer from two states of the data, for some GPUs or for all; one a GPU.

    Each state answers as of its own newest date, as it does where nobody gives `as_of`. A GPU that
    only one of them has is left out.

    >>> from tco.market.catalogue import load
    >>> any(change.moves for change in changes(load(), load(), ["L4", "T4"]))
    False
    """
    asked = before.gpus if gpus is None else gpus
    return tuple(
        Change(gpu, default_answer(before, gpu), default_answer(after, gpu))
        for gpu in asked
        if gpu in before.gpus and gpu in after.gpus
    )


def change_lines(found: Iterable[Change]) -> Iterator[str]:
    """A sentence on each GPU: first those with another verdict; one for all without a change.

    >>> before = DefaultAnswer("buy", 0.6, 4_100.0)
    >>> after = DefaultAnswer("rent", 0.5, -2_000.0)
    >>> list(change_lines([Change("L4", before, after), Change("T4", after, after)]))
    ... # doctest: +NORMALIZE_WHITESPACE
    ['L4: BUY becomes RENT; default rate $0.60 → $0.50 per GPU-hour (−16.7 %), buying saves
      $4,100 → −$2,000', 'no change for T4']
    """
    listed = sorted(found, key=lambda change: (not change.turns, -_moved(change)))
    for change in listed:
        if change.moves:
            before, after = change.before, change.after
            yield words.changed_answer(
                change.gpu,
                (before.verdict, after.verdict),
                (before.rate_usd_per_gpu_hour, after.rate_usd_per_gpu_hour),
                (before.saving_usd, after.saving_usd),
                after.borrowed,
            )
    same = [change.gpu for change in listed if not change.moves]
    more = len(same) - _MOST_NAMED
    if same:
        yield f"no change for {', '.join(same[:_MOST_NAMED])}" + (f", {more} more" * (more > 0))


def _moved(change: Change) -> float:
    """By which factor the rate moved, as a logarithm; infinite where only one side has a rate."""
    before, after = change.before.rate_usd_per_gpu_hour, change.after.rate_usd_per_gpu_hour
    if before is None or after is None:
        return 0.0 if before is after else math.inf
    return abs(math.log(after / before))
