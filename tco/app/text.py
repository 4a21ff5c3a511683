"""Text from the link or the data, shown as text and never as markup."""

from __future__ import annotations

import re

_MARKS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&^=@])")


def plain(text: str) -> str:
    r"""Text for a Markdown field in which nothing is markup, an equation or a directive.

    >>> print(plain("$1 :red[x] <b>"))
    \$1 \:red\[x\] \<b\>
    """
    return _MARKS.sub(r"\\\1", text)
