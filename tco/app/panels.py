"""What every page is made of: headings, remarks, charts and tables. Each takes results, shows them.

Text from the link or the data is shown as text and never as markup.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from tco.app import bound, state
from tco.errors import TcoError
from tco.inputs import INPUTS, TAKEN
from tco.inputs.labels import in_labels, label
from tco.market.readable import readable
from tco.report import charts, market_tables
from tco.report.facts import Facts
from tco.scenario import Scenario
from tco.scenario.link import too_long
from tco.words import VERDICT_WORDS, currencies, of_owner
from tco.words.figures import capital, inside

if TYPE_CHECKING:
    import pandas as pd

_MARKS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&^=@])")
# Columns that say which side wins.
_VERDICT = re.compile("verdict|wins")
# Of a message about a file: characters of a line, and lines.
_LONGEST_SAID, _MOST_SAID = 300, 8
PROBLEM = "These inputs cannot be combined; the results below are for the last valid inputs:"
# What may stand after the heading of a chart.
CHART, TABLE = "Chart", "Table"


@dataclass(frozen=True)
class Money:
    """How a column of amounts in USD is written; a dollar in `form` is the sign that it has.

    It is shown in the currency of the page, like a column whose name says USD.
    """

    form: str


def plain(text: str) -> str:
    r"""Text for a Markdown field in which nothing is markup, an equation or a directive.

    >>> print(plain("$1 :red[x] <b>"))
    \$1 \:red\[x\] \<b\>
    """
    return _MARKS.sub(r"\\\1", text)


def voice(text: str) -> str:
    """The text with inputs by their labels; of hardware that is there already about keeping it."""
    return _of_owner(in_labels(text))


def _of_owner(text: str) -> str:
    return of_owner(text, state.scenario().values())


def heading(scenario: Scenario, text: str) -> None:
    """The title of a page, the example or the way back to it, and what to know about its data."""
    with st.container(horizontal=True, vertical_alignment="center", key="heading"):
        st.html(f"<h1 class='tco-title'>{text}</h1>", width="content")
        beginnings(scenario)
        if scenario.is_example:
            st.caption("none of the inputs are yours yet", width="content")
    beforehand(scenario)


def beginnings(scenario: Scenario) -> None:
    """That this is an example, or the way back to it; and the way from old data to the newest."""
    if "as_of" in scenario.given:
        label = f"Use the data of {scenario.catalogue.newest}"
        bound.button(label, "newest", lambda: {"as_of": None}, ("as_of",))
    if scenario.is_example:
        st.badge("Example", color="gray")
    # Amounts stay in the currency in which they are shown.
    given = [
        name
        for name in scenario.given_and_lines
        if name not in INPUTS or INPUTS[name].group != "currency"
    ]
    if not given:
        return
    label = "Back to the example"
    look: dict[str, Any] = {"type": "tertiary"}
    bound.button(label, "reset", lambda: dict.fromkeys(given), (bound.ALL,), **look)


def beforehand(scenario: Scenario) -> None:
    """Which data it is where it is not the shipped alone, and what of the link is not used."""
    with st.container(key="beforehand"):
        if trouble := state.trouble():
            note(f"Prices: shipped data only, because {trouble}")
        elif scenario.prices is not None:
            st.caption(plain(f"Prices: {scenario.catalogue.label}."))
        remarks(map(in_labels, state.remarks()), "About this link:")
        note(long_link(scenario))
        remarks(state.refusals(), "Not accepted:")


def maybe(key: str | None = None, **look: Any) -> DeltaGenerator:
    """Where what comes and goes stands: a container that stays, and is not shown while empty.

    Without it all that follows moves by one place. The parts of a page reach the browser one by
    one, and what another part has the place of meanwhile is built anew: who typed there loses the
    keyboard, but only if the browser draws just then, as on a busy machine.
    """
    return st.container(key=key, **look)


def long_link(scenario: Scenario) -> str:
    """That the address of the page is not for sending; empty where it is."""
    why = too_long(scenario)
    return f"The address of this page is too long to share: {why}, see Report." if why else ""


@contextmanager
def noting() -> Iterator[None]:
    """Part of a page; what keeps it from being shown is noted in its place."""
    try:
        yield
    except TcoError as wrong:
        note(str(wrong))


def fragment(part: Callable[..., None]) -> Callable[..., None]:
    """Part of a page that runs again alone, in the currency of the page."""
    made: Callable[..., None] = st.fragment(state.in_its_currency(part))
    return made


def title(text: str) -> None:
    """The heading of a part of a page."""
    st.html(f"<h2 class='tco-title'>{html.escape(text)}</h2>")


def note(text: str) -> None:
    """One sentence in amber; nothing for nothing."""
    with maybe():
        if text:
            st.html(f"<div class='tco-remarks' role='status'>{html.escape(voice(text))}</div>")


def remarks(texts: Iterable[str], title: str) -> None:
    """A list of plain-text remarks; nothing when there are none."""
    items = "".join(f"<li>{html.escape(text)}</li>" for text in texts)
    with maybe():
        if items:
            st.html(f"<div class='tco-remarks' role='status'>{title}<ul>{items}</ul></div>")


def said(message: str) -> list[str]:
    r"""The lines of a message about a stranger's file: few, short, and such as can be sent.

    >>> said("a" + chr(0xD800))
    ['a\\ud800']
    """
    sent = message.encode("utf-8", "backslashreplace").decode()
    lines = [line[:_LONGEST_SAID] for line in sent.splitlines()]
    more = len(lines) - _MOST_SAID
    return lines if more <= 0 else [*lines[:_MOST_SAID], f"and {more:,} more"]


def problems(messages: Iterable[str]) -> None:
    """Why inputs cannot be combined; nothing where they can."""
    remarks(map(in_labels, messages), PROBLEM)


def disclosure(title: str, key: str) -> DeltaGenerator | None:
    """Part of a page that is filled when it is opened; None while it is closed.

    It stays as it was left when its reader comes back from another page.
    """
    kept: dict[str, bool] = state.kept("disclosed", {})
    if key not in st.session_state:
        state.kept("disclosed_first", {})[key] = kept.get(key, False)
    is_first = bool(state.kept("disclosed_first", {}).get(key, False))
    place = st.expander(title, expanded=is_first, key=key, on_change="rerun")
    kept[key] = bool(place.open)
    return place if place.open else None


def nothing(heading: str, text: str) -> None:
    """A part of a page with nothing in it, and why."""
    title(heading)
    st.caption(plain(text))


def answer(which: str, word: str, lead: str, more: Iterable[str], more_html: str = "") -> None:
    """A verdict: the word in the color of its side, how sure it is, and its sentences.

    `more_html` is what stands below them, as HTML.
    """
    told = "".join(f"<p class='tco-more'>{html.escape(voice(text))}</p>" for text in more)
    word, _, sure = voice(word).partition(" · ")
    head = f"<strong class='tco-word'>{html.escape(word)}</strong>"
    head += f" <span class='tco-sure'>{html.escape(sure)}</span>" if sure else ""
    st.html(
        f"<div class='tco-verdict {which}' role='status' aria-live='polite'>"
        f"<p class='tco-head'>{head}</p>"
        f"<p class='tco-lead'>{html.escape(voice(lead))}</p>{told}{more_html}</div>"
    )


def sentences(told: Iterable[str], odds: str = "", dots: str = "") -> None:
    """Sentences one below the other; the last is that of the odds, with its dots."""
    shown = "".join(f"<p class='tco-more'>{html.escape(voice(text))}</p>" for text in told)
    if odds:
        drawn = f"<span class='tco-dots' aria-hidden='true'>{dots}</span> " if dots else ""
        shown += f"<p class='tco-more'>{drawn}{html.escape(voice(odds))}</p>"
    st.html(shown)


def tiles(figures: Iterable[tuple[str, str, str, str]]) -> None:
    """Key figures: title, value, what stands under it, and the side whose color it has."""
    cells = ""
    for title, value, under, side in figures:
        colored = f" class='{side}'" if side else ""
        cells += (
            f"<div class='tco-tile'><dt>{html.escape(voice(title))}</dt><dd{colored}>"
            f"{html.escape(value)}<small>{html.escape(under)}</small></dd></div>"
        )
    st.html(f"<dl class='tco-tiles'>{cells}</dl>")


def facts(told: Iterable[tuple[str, ...]], place: DeltaGenerator | None = None) -> None:
    """A list of things, each with what is said about it."""
    items = "".join(
        f"<dt>{html.escape(title)}</dt>" + "".join(f"<dd>{html.escape(text)}</dd>" for text in said)
        for title, *said in told
    )
    (place or st).html(f"<dl class='tco-facts'>{items}</dl>")


def stale(now: Facts, part: str = "") -> DeltaGenerator:
    """Where results go: dimmed while they still show the last inputs that went together.

    `part` tells several such places of one page apart.
    """
    key = "stale" if now.problems or state.is_refusing() else "current"
    return st.container(key=f"{key}_{part}" if part else key)


def theme() -> str:
    """The theme of the page as it is shown: charts are drawn for it."""
    return st.context.theme.type or "light"


def finding(text: str, heading: str = "h3") -> None:
    """What a chart or a table shows, above it."""
    st.html(f"<{heading} class='tco-chart'>{html.escape(voice(text))}</{heading}>")


def draw(chart: charts.Chart, caption: str, key: str, heading: str = "h2") -> None:
    """A chart below its finding, with a caption."""
    chart = chart.of_owner(state.scenario().values())
    finding(chart.title, heading)
    config = {"displayModeBar": False, "responsive": True}
    # Its height is told apart, so that its place is kept free until it is drawn.
    look = {"theme": None, "config": config, "height": chart.drawing["layout"]["height"]}
    st.plotly_chart(chart.drawn, alt=chart.alt, key=key, **look)
    st.caption(plain(voice(caption)))


def chart_or_table(
    name: str,
    chart: charts.Chart | None,
    tables: Mapping[str, pd.DataFrame],
    columns: Mapping[str, Any] | None = None,
) -> None:
    """A chart under its heading or, on request and where there is no chart, the frames behind it.

    `columns` says how the columns of the frames look, by name.
    """
    if headed(name, (CHART, TABLE)) == CHART and chart is not None:
        as_of = state.scenario().values()["as_of"]
        draw(chart, f"{chart.caption} Data as of {as_of}.", f"{_key(name)}_chart", "h3")
        return
    for part, frame in tables.items():
        table(frame, f"{name}: {inside(currencies.headed(part))}", columns)


def _key(name: str) -> str:
    return re.sub(r"\W+", "_", name.casefold())


def headed(name: str, views: tuple[str, ...]) -> str:
    """The heading of a part of a page, with the choice between views of it; the one chosen."""
    key = _key(name)
    with st.container(horizontal=True, vertical_alignment="center", key=f"{key}_head"):
        st.html(f"<h2 class='tco-title'>{html.escape(voice(name))}</h2>", width="content")
        look: dict[str, Any] = {"required": True, "label_visibility": "collapsed"}
        return str(
            bound.own(
                "segmented_control", f"{voice(name)} as", key, views[0], options=views, **look
            )
        )


def row(
    name: str, said: str, more: str, verdict: str = "", place: str = "", marks: Iterable[str] = ()
) -> None:
    """A row of a list: a name, what is said of it, and what stands below in small letters.

    `verdict` is a word at its end, of a side (buy, rent, toss_up) or any other; `place` its number.
    """
    marked = "".join(f"<span class='tco-mark'>{html.escape(one)}</span>" for one in marks)
    side = verdict if verdict in VERDICT_WORDS else ""
    end = html.escape(voice(VERDICT_WORDS[side] if side else verdict))
    below = f"<p class='tco-terms'>{html.escape(voice(more))}</p>" if more else ""
    st.html(
        f"<div class='tco-row'><span class='tco-place'>{html.escape(place)}</span>"
        f"<p class='tco-name'>{_with_side(voice(name))}{marked}</p>"
        f"<span class='tco-end {side}'>{end}</span>"
        f"<p class='tco-more'>{html.escape(voice(said))}</p>{below}</div>"
    )


def _with_side(name: str) -> str:
    """A name as HTML; the word of a side that it begins with has the side's color."""
    word, _, _ = re.split(r"(\W)", name, maxsplit=1) if re.search(r"\W", name) else (name, "", "")
    side = {"RENT": "rent", "BUY": "buy", "KEEP": "buy"}.get(word, "")
    colored = f"<b class='{side}'>{word}</b>" if side else f"{html.escape(word)}"
    return f"{colored}{html.escape(name[len(word) :])}"


def written(heads: Iterable[str], rows: Iterable[Iterable[str]], name: str) -> None:
    """A table of texts that wrap, the first of a row being its heading; it scrolls on its own."""
    head = "".join(f"<th scope='col'>{html.escape(voice(text))}</th>" for text in heads)
    body = ""
    for first, *cells in rows:
        told = "".join(f"<td>{html.escape(voice(cell))}</td>" for cell in cells)
        body += f"<tr><th scope='row'>{html.escape(first)}</th>{told}</tr>"
    st.html(
        f"<div class='tco-wide' role='region' tabindex='0' aria-label='{html.escape(name)}'>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def table(
    frame: pd.DataFrame,
    alt: str,
    columns: Mapping[str, Any] | None = None,
    is_whole: bool = False,
) -> None:
    """A frame as it is, scrolling in itself unless `is_whole`; addresses of pages are links."""
    if "url" in frame:
        frame = frame.assign(link=[market_tables.web(url) for url in frame["url"]])
        frame = frame.drop(columns="url")
    frame = _readable(labeled(frame))
    look = {_of_owner(name): column for name, column in (columns or {}).items()}
    verdicts = {str(name): frame[name].map(voice) for name in frame if _VERDICT.search(str(name))}
    frame = frame.assign(**verdicts).rename(columns=lambda name: _of_owner(str(name)))
    frame = _in_currency(frame, look)
    shown: dict[str, Any] = {"height": "content"} if is_whole else {}
    shown["column_config"] = {name: _headed(name, look.get(name)) for name in map(str, frame)}
    st.dataframe(frame, hide_index=True, alt=alt, placeholder="–", **shown)


def _headed(name: str, look: Any) -> Any:
    """How a column looks, with a head that begins with a capital letter."""
    if isinstance(look, Money):
        form = look.form.replace("$", currencies.sign().strip())
        look = st.column_config.NumberColumn(format=form)
    told = {"label": look} if isinstance(look, str) else dict(look or {})
    return told | {"label": currencies.headed(capital(told.get("label") or name))}


def _in_currency(frame: pd.DataFrame, looks: Mapping[str, Any]) -> pd.DataFrame:
    """The frame with its amounts, where they are numbers, in the currency of the page."""
    looked = [name for name, look in looks.items() if isinstance(look, Money) and name in frame]
    names = dict.fromkeys((*market_tables.amounts_of(frame), *looked))
    return frame.assign(**{name: currencies.shown(frame[name]) for name in names})


def labeled(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with inputs by their labels, as everywhere on a page."""
    if "input" not in frame:
        return frame
    return frame.assign(input=[label(one) if one in TAKEN else one for one in frame["input"]])


# Columns of text from the data, in which its keys may stand.
_TEXTS = ("note", "message", "series", "why")


def _readable(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with sources by their publishers and choices by their words, in what is text."""
    catalogue = state.scenario().catalogue
    told = [name for name in _TEXTS if name in frame]
    return frame.assign(
        **{name: [readable(text, catalogue) for text in frame[name]] for name in told}
    )


def download(
    label: str, frame: pd.DataFrame | Callable[[], pd.DataFrame], scenario: Scenario, name: str
) -> None:
    """A frame, or what makes it, as a CSV file; built on click."""

    def build() -> str:
        made = frame() if callable(frame) else frame
        return market_tables.frame_csv(made, scenario.catalogue, scenario.conversion)

    file(label, build, name)


def file(label: str, build: Callable[[], str], name: str, mime: str = "text/csv") -> None:
    """A file to download; built on click."""
    st.download_button(label, build, name, mime=mime, on_click="ignore", key=name)
