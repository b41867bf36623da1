"""What is LaTeX beyond doubt becomes text; prices, paths and escaped quotes are none."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.kernels import latex
from curate.transforms.clean.latex import CleanLatex

PIECES = ["\\textbf{", "{", "}", "\\cite", "\\'", "e", "$", "x", "^{", "\\begin{", "equation}", "\\end{", "verbatim}",
          "\\",          " ", "\n", "%", "~", "``", "\\item", "[", "]", "\\(", "\\)", "\\\"", "5", "\\footnote{",
          "\\href{"]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (r"\textbf{bold \emph{both}} x", "bold both x"),
        (r"\section{A}\label{a} see \ref{b}.", "A see."),
        (r"shown~\cite[p.~3]{a,b}, and \citep{c} too", "shown, and too"),
        (r"Erd\H{o}s, Schl\"ussel, {\'e}t{\'e}", "Erdős, Schlüssel, été"),
        (r"\emph{x} caf\'e Stra\ss e 50\% \& co~Ltd", "x café Straße 50% & co Ltd"),
        (r"``so'' \emph{he} said\ldots", '"so" he said...'),
        (r"\href{https://example.org}{here} \textcolor{red}{hot}", "here hot"),
        (r"word\footnote{a note} \emph{x}", "word (a note) x"),
        (r"{\bf bold} \emph{x}", "bold x"),
        ("\\begin{itemize}\n\\item one\n\\item two\n\\end{itemize}", "\n- one\n- two\n"),
        ("% a comment\n\\emph{x}\n100% sure", "x\n100% sure"),
        (r"\begin{verbatim}\textbf{x}\end{verbatim} \emph{y}", r"\textbf{x} y"),
        (r"$\alpha_1$ and \emph{x}", r"$\alpha_1$ and x"),
        (r"\foo{\emph{x}}", r"\foo{x}"),
        (r"\textbf{open \emph{x}", r"\textbf{open x"),
    ],
)
def test_latex_becomes_text(given: str, expected: str) -> None:
    assert CleanLatex().rewrite(given) == expected


@pytest.mark.parametrize(
    "text",
    [
        "$5 and $6, or 3$ more",
        r"C:\new\textfiles\section\x",
        r"don\'t, c\'est, l\'eau",
        r'{\"a\": \"url\", "b": "\u00e9"}',
        r"\d+\.\w{3}[a-z]$",
        "100% of ~50 {x} `a` ``b``",
        "f(x) = {y} \\n \\t",
        "$HOME:$PATH",
        "数据 $x 数据",
    ],
)
def test_what_only_looks_like_latex_stays(text: str) -> None:
    assert CleanLatex(math="drop").rewrite(text) == text


@pytest.mark.parametrize(
    ("math", "expected"),
    [
        ("keep", r"Let $x_{1}$ and $n$ cost $5 or $6: \[ a = b \] done"),
        ("drop", r"Let and cost $5 or $6: done"),
        ("replace", r"Let [MATH] and [MATH] cost $5 or $6: [MATH] done"),
    ],
)
def test_math(math: str, expected: str) -> None:
    text = r"Let $x_{1}$ and $n$ cost $5 or $6: \[ a = b \] done"
    assert CleanLatex(math=math).rewrite(text) == expected
    assert math == "keep" or CleanLatex(math=math).why(text) == "latex_math"


def test_ambiguous_accents_on_request() -> None:
    assert CleanLatex(assume=True).rewrite(r"caf\'e") == "café"


@settings(max_examples=60)
@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
def test_formulas_are_kept_to_the_letter(text: str) -> None:
    spans = list(latex.math_spans(text, certain=True))
    assert all(start < end for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    for clean in (CleanLatex(), CleanLatex(math="drop"), CleanLatex(assume=True)):
        clean.rewrite(text)


@settings(max_examples=60)
@given(st.text(max_size=40).filter(lambda text: "\\" not in text and "$" not in text))
def test_text_without_a_command_stays(text: str) -> None:
    assert CleanLatex().rewrite(text) == text


def test_deep_nesting() -> None:
    depth = 50_000
    assert CleanLatex().rewrite("\\textbf{" * depth + "x" + "}" * depth) == "x"
