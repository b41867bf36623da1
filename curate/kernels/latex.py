r"""LaTeX remnants in running text: commands unwrapped, citations out, accents composed, math found.

One pass over the text with a stack of open arguments: linear time, no recursion. The commands stand in
`curate.kernels.latex_commands`; an unknown one stays to the letter.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from curate.kernels import latex_commands as commands

CERTAIN = (
    rf"\\(?:{commands.NAMES}|[a-zA-Z]*cite[a-z]*)\*?[\[{{]"
    r"|\\['`^\"~=.uvHcdbkr]\{\\?[A-Za-z]\}"
    r"|[A-Za-z]\\[\"^`~][aeiouynAEIOUYN][A-Za-z]"
    r"|\$[^$\n]{0,200}(?:\\[A-Za-z]|[\^_]\{)[^$\n]{0,200}\$"
)
"""For `re` and RE2: what no text holds that is not LaTeX."""

_STRONG = re.compile(r"\\[A-Za-z]|[\^_]\{")
_WEAK = re.compile(r"[^A-Za-z$]*(?:[A-Za-z]{1,2}[^A-Za-z$]+)*[A-Za-z]{1,2}[^A-Za-z$]*")
_DISPLAY = re.compile(r"\$\$[^$]{1,5000}\$\$")
_INLINE = re.compile(r"\$(?![\s$])[^$\n]{1,500}(?<![\s\\])\$(?![0-9])")
_MATH_START = re.compile(rf"\\\\|\\\$|\$|\\[(\[]|\\begin\{{((?:{'|'.join(commands.MATH_ENVIRONMENTS)})\*?)\}}")
_TOKEN = re.compile(
    r"(?P<accent>(?P<open>\{)?\\(?:(?P<mark>['`^\"~=.])(?:\{\\?(?P<a>[A-Za-z])\}|\\(?P<b>[ij])(?![A-Za-z])|(?P<c>[A-Za-z]))"
    r"|(?P<letter>[uvHcdbkr])(?:\{\\?(?P<d>[A-Za-z])\}|[ ](?P<e>[A-Za-z])(?![A-Za-z])))(?(open)\}))"
    r"|\\(?P<command>[A-Za-z]+)\*?|\\(?P<escaped>[%&$#_{} ,;:!/\\])|(?P<group>\{(?:\\(?:bf|it|em|rm|tt|sc|sf|sl)\b ?)?)"
    r"|(?P<close>\})|(?P<quotes>``|'')|(?P<tie>(?<=\S)~(?=\S))"
)
_OPTIONS = re.compile(r"(?:\[[^\[\]\n]{0,300}\]){0,2}")
_COMMENTS = re.compile(r"^[ \t]*%.*\n?", re.MULTILINE)
_PATH_BEFORE = re.compile(r"[\w:\\/.]")
_AFTER_BLANK = " .,;:)\n"


class _Open(NamedTuple):
    """An argument that is open: what becomes of it, where it begins in the output, and the arguments behind it."""

    fate: str
    at: int
    others: tuple[str, ...]


def math_spans(text: str, *, certain: bool) -> Iterator[tuple[int, int]]:
    r"""Where math stands: `$…$`, `$$…$$`, `\(…\)`, `\[…\]` and the environments; prices are none.

    Args:
        text: any text.
        certain: it is known to be LaTeX: `$x$` counts too, not only what holds a command or braces.

    Example:
        >>> text = r"$5 and $6 for $\alpha_1$"
        >>> [text[start:end] for start, end in math_spans(text, certain=True)]
        ['$\\alpha_1$']
    """
    at, missing = 0, set[str]()
    while found := _MATH_START.search(text, at):
        start, at = found.span()
        said = found.group()
        if said in ("\\\\", "\\$"):
            continue
        if said == "$":
            end = _dollar_end(text, start, certain)
        elif found[1] or certain:
            closing = f"\\end{{{found[1]}}}" if found[1] else {"(": "\\)", "[": "\\]"}[said[1]]
            end = _find_end(text, closing, at, missing)
        else:
            end = -1
        if end > 0:
            yield start, end
            at = end


def _dollar_end(text: str, start: int, certain: bool) -> int:
    display = _DISPLAY.match(text, start)
    if display and (certain or _STRONG.search(display.group())):
        return display.end()
    inline = _INLINE.match(text, start)
    if not inline:
        return -1
    inside, after = inline.group()[1:-1], text[inline.end() : inline.end() + 1]
    weak = certain and len(inside) <= 60 and not after.isalnum() and after != "$" and _WEAK.fullmatch(inside)
    return inline.end() if _STRONG.search(inside) or weak else -1


def _find_end(text: str, closing: str, at: int, missing: set[str]) -> int:
    """The end of the next `closing`, or -1; what has been missed once is never looked for again."""
    end = -1 if closing in missing else text.find(closing, at)
    if end < 0:
        missing.add(closing)
        return -1
    return end + len(closing)


def plain(text: str) -> str:
    r"""LaTeX to plain text: known commands, accents, comments and environments; math and verbatim stay as they are.

    Example:
        >>> plain(r"\textbf{Erd\H{o}s} showed~\cite{erdos} that 50\% of $x^2$\ldots")
        'Erdős showed that 50% of $x^2$...'
    """
    return _Unwrapping(_COMMENTS.sub("", text)).result()


class _Unwrapping:
    """One pass over a text: what is written so far, and the arguments that are open."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.out: list[str] = []
        self.open: list[_Open] = []
        self.missing: set[str] = set()

    def result(self) -> str:
        at = 0
        for start, end in [*math_spans(self.text, certain=True), (len(self.text), len(self.text))]:
            if start < at:
                continue
            at = self._unwrap(at, start)
            if at <= start:
                self.out.append(self.text[start:end])
                at = end
        return "".join(self.out)

    def _unwrap(self, at: int, end: int) -> int:
        """Unwrap what stands between two formulas; where it ends, which a verbatim environment may push on."""
        while found := _TOKEN.search(self.text, at, end):
            self.out.append(self.text[at : found.start()])
            at = self._token(found)
            if at > end:
                return at
        self.out.append(self.text[at:end])
        return end

    def _token(self, found: re.Match[str]) -> int:
        kind = found.lastgroup if found.lastgroup in ("group", "close", "quotes", "tie") else None
        if found["accent"]:
            self.out.append(_composed(found))
        elif found["command"]:
            return self._command(found)
        elif found["escaped"]:
            return self._escaped(found)
        elif kind == "group":
            self.open.append(_Open(commands.KEEP if found.group() != "{" else commands.AS_IS, len(self.out), ()))
            self.out.append(found.group())
        elif kind == "close":
            return self._close(found.end())
        else:
            self.out.append('"' if kind == "quotes" else " ")
        return found.end()

    def _escaped(self, found: re.Match[str]) -> int:
        said, end = found["escaped"], found.end()
        if said == "\\":
            before, after = self.text[found.start() - 1 : found.start()], self.text[end : end + 1]
            if after.strip() or before == "\\":
                self.out.append("\\\\")
            else:
                self.out.append("" if after == "\n" else "\n")
        else:
            self.out.append(said if said in "%&$#_{}" else " " if said in " ,;:" else "")
        return end

    def _command(self, found: re.Match[str]) -> int:
        name, end = found["command"], found.end()
        fates = (commands.GONE,) if re.fullmatch(r"[a-zA-Z]*cite[a-z]*", name) else commands.ARGUMENTS.get(name)
        if fates:
            behind = _OPTIONS.match(self.text, end)
            opening = behind.end() if behind else end
            if self.text[opening : opening + 1] == "{":
                if name == "begin" and (skipped := self._verbatim(found.start(), opening)):
                    return skipped
                self.open.append(_Open(fates[0], len(self.out), fates[1:]))
                self.out.append(self.text[found.start() : opening + 1])
                return opening + 1
        elif not _PATH_BEFORE.match(self.text[found.start() - 1 : found.start()]) or name in commands.NO_PATH:
            said = "" if name in commands.SWITCHES else commands.LETTERS.get(name, commands.SIGNS.get(name))
            if said is not None:
                self.out.append(said)
                return self._after(
                    end, blank=name in commands.SWITCHES or name in commands.LETTERS or said.endswith(" ")
                )
        self.out.append(found.group())
        return end

    def _after(self, end: int, *, blank: bool) -> int:
        """Past an empty group, or past the blank that ends the name of a command."""
        if self.text.startswith("{}", end):
            return end + 2
        return end + 1 if blank and self.text[end : end + 1] == " " else end

    def _verbatim(self, start: int, opening: int) -> int:
        """Past a verbatim environment, whose content stays as it is; 0 where none begins here."""
        name = self.text[opening + 1 : opening + 20].partition("}")[0]
        if name not in commands.VERBATIM_ENVIRONMENTS:
            return 0
        closing = f"\\end{{{name}}}"
        end = _find_end(self.text, closing, opening, self.missing)
        if end < 0:
            return 0
        self.out.append(self.text[opening + len(name) + 2 : end - len(closing)])
        return end

    def _close(self, end: int) -> int:
        if not self.open:
            self.out.append("}")
            return end
        fate, at, others = self.open.pop()
        if fate == commands.AS_IS:
            self.out.append("}")
        elif fate == commands.GONE:
            del self.out[at:]
            self._heal(end)
        else:
            self.out[at] = " (" if fate == commands.NOTE else ""
            self.out.append(")" if fate == commands.NOTE else "")
        if others and self.text[end : end + 1] == "{":
            self.open.append(_Open(others[0], len(self.out), others[1:]))
            self.out.append("{")
            return end + 1
        return end

    def _heal(self, end: int) -> None:
        """One blank where two would meet, none before a stop or the end of a line."""
        after = self.text[end : end + 1]
        while self.out and not self.out[-1]:
            self.out.pop()
        if self.out and self.out[-1].endswith(" ") and (not after or after in _AFTER_BLANK):
            self.out[-1] = self.out[-1][:-1]


def _composed(found: re.Match[str]) -> str:
    """The letter with its accent as one character; the source where there is no such character."""
    mark = found["mark"] or found["letter"]
    letter = next(found[name] for name in "abcde" if found[name])
    made = unicodedata.normalize("NFC", letter + commands.COMBINING[mark])
    if len(made) > 1:
        return found.group()
    return made if not found["open"] or found.group().endswith("}") else found.group()
