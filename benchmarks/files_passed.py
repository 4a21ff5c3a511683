"""How many files a question passes: `python -m benchmarks.files_passed`, with `--list` which ones.

A file of `tco/` counts when a function of it runs, whatever was imported before; what a module or
a class does while it is imported does not count. Three questions are followed: a scalar
`tco.breakeven()`, the first of a process and one more; and one move of the slider of utilization on
the page Decide, which is open and answered already. It follows the tree from which it is started,
so a copy of this file in another tree counts there.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from inspect import CO_OPTIMIZED
from pathlib import Path
from types import FrameType
from typing import Any

_ROOT = Path(__file__).resolve().parents[1]
_PACKAGE = f"{_ROOT / 'tco'}{os.sep}"

# Functions by the file in which they stand, both as they are written in the source.
Passed = dict[str, set[str]]


@contextmanager
def passed() -> Iterator[Passed]:
    """The functions of `tco/` that run inside the block, in this thread and in those it starts."""
    found: Passed = defaultdict(set)

    def look(frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        # Only functions have optimized locals: not the bodies of modules and of classes.
        is_function = event == "call" and code.co_flags & CO_OPTIMIZED
        if is_function and code.co_filename.startswith(_PACKAGE):
            name = code.co_filename.removeprefix(_PACKAGE).replace(os.sep, "/")
            found[name].add(f"{code.co_qualname}:{code.co_firstlineno}")

    threading.setprofile(look)
    sys.setprofile(look)
    try:
        yield found
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


def scalar() -> tuple[Passed, Passed]:
    """What the first `tco.breakeven()` of a process passes, and what another one passes."""
    import tco

    with passed() as cold:
        tco.breakeven(gpu="L4", utilization=0.6, price_usd_per_gpu=2_500)
    with passed() as warm:
        tco.breakeven(gpu="L4", utilization=0.5, price_usd_per_gpu=2_400)
    return cold, warm


def move() -> Passed:
    """What a move of the slider of utilization passes on the page Decide."""
    from streamlit.proto.WidgetStates_pb2 import WidgetState
    from streamlit.testing.v1 import AppTest

    app = AppTest.from_file(str(_ROOT / "tco" / "app" / "main.py"), default_timeout=120).run()
    (sliders,) = [
        one.proto for one in app.get("bidi_component") if '"utilization"' in one.proto.json
    ]
    shown = json.loads(sliders.json)["levers"]
    lever = next(lever for lever in shown if lever["name"] == "utilization")
    moved = {"value": lever["value"] + 7, "n": lever["applied"] + 1, "live": False}
    states = app._tree.get_widget_states()
    sent = json.dumps({"moves": {"utilization": moved}})
    states.widgets.append(WidgetState(id=sliders.id, json_value=sent))
    with passed() as found:
        app._run(states)
    assert not app.exception
    assert app.query_params["utilization"] == f"{moved['value'] / 100:g}", app.query_params
    return found


def main(is_listed: bool) -> None:
    """Print how many files and functions each question passes."""
    cold, warm = scalar()
    questions: dict[str, Callable[[], Passed]] = {
        "scalar breakeven, first of a process": lambda: cold,
        "scalar breakeven, another one": lambda: warm,
        "one move on Decide": move,
    }
    for words, question in questions.items():
        found = question()
        functions = sum(len(names) for names in found.values())
        print(f"{words}: {len(found)} files, {functions} functions")
        if is_listed:
            for name, names in sorted(found.items()):
                print(f"    {len(names):3} {name}")


if __name__ == "__main__":
    main("--list" in sys.argv[1:])
