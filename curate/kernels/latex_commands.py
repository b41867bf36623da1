r"""The commands of LaTeX that leave traces in text, and what becomes of each: tables of facts.

Those of LaTeX2e and of the packages that papers use most (Lamport 1994; `source2e`). `curate.kernels.latex` reads them.
"""

from __future__ import annotations

KEEP, GONE, NOTE, AS_IS = "keep", "gone", "note", "as_is"

_UNWRAPPED = """
    textbf textit textsl textsc texttt textrm textsf textmd textup textnormal text emph underline uline mbox fbox title
    author date section subsection subsubsection paragraph subparagraph chapter part caption enquote url nolinkurl path
    textsuperscript textsubscript centerline textquote
""".split()
_GONE = """
    ref eqref pageref autoref cref Cref nameref vref label index input include bibliography bibliographystyle usepackage
    documentclass vspace hspace includegraphics graphicspath pagestyle thispagestyle hypersetup begin end
""".split()
_SEVERAL = {
    "href": (GONE, KEEP),
    "textcolor": (GONE, KEEP),
    "colorbox": (GONE, KEEP),
    "parbox": (GONE, KEEP),
    "raisebox": (GONE, KEEP),
    "multicolumn": (GONE, GONE, KEEP),
    "setlength": (GONE, GONE),
    "addtolength": (GONE, GONE),
    "setcounter": (GONE, GONE),
    "footnote": (NOTE,),
    "thanks": (NOTE,),
}
ARGUMENTS = {**dict.fromkeys(_UNWRAPPED, (KEEP,)), **dict.fromkeys(_GONE, (GONE,)), **_SEVERAL}
SWITCHES = frozenset(
    """
    noindent indent newpage clearpage maketitle tableofcontents centering raggedright small large Large LARGE huge
    footnotesize normalsize tiny scriptsize bfseries itshape ttfamily bf it em rm tt sc sf sl hfill vfill smallskip
    medskip bigskip linebreak pagebreak appendix hline toprule midrule bottomrule protect relax
""".split()
)
LETTERS = dict(zip("ss ae AE oe OE o O l L aa AA i j".split(), "ß æ Æ œ Œ ø Ø ł Ł å Å ı ȷ".split(), strict=True))
SIGNS = {
    "ldots": "...",
    "dots": "...",
    "LaTeX": "LaTeX",
    "TeX": "TeX",
    "S": "§",
    "pounds": "£",
    "copyright": "©",
    "textendash": "–",
    "textemdash": "—",
    "textasciitilde": "~",
    "textbar": "|",
    "quad": " ",
    "qquad": " ",
    "newline": "\n",
    "par": "\n\n",
    "item": "- ",
}
COMBINING = dict(zip("'`^\"~=.uvHcdbkr", "\u0301\u0300\u0302\u0308\u0303\u0304\u0307\u0306\u030c\u030b\u0327\u0323"
                      "\u0331\u0328\u030a", strict=True))  # fmt: skip
NO_PATH = frozenset(
    "ldots dots LaTeX TeX textendash textemdash textasciitilde textbar quad qquad noindent".split()
) | set(LETTERS)
MATH_ENVIRONMENTS = "equation align gather multline eqnarray displaymath math alignat flalign".split()
VERBATIM_ENVIRONMENTS = "verbatim lstlisting minted Verbatim".split()

NAMES = "|".join(sorted(ARGUMENTS, key=len, reverse=True))
