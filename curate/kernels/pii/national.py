"""National identity numbers: a form, a checksum by python-stdnum where the country has one, and where neither is rare
enough in ordinary text, a word nearby that says what the number is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from curate.kernels.pii.span import Detector, Found
from curate.optional import require

_D = "[0-9]"


class Rule(NamedTuple):
    """One number of one country.

    Attributes:
        form: a pattern in the syntax that RE2 and Python share.
        module: of python-stdnum, which checks it; empty where the form is all there is.
        words: what must be said before it, with no other digit between; empty where the form is rare enough by itself.
    """

    form: str
    module: str = ""
    words: str = ""


RULES: dict[str, Rule] = {
    "us_ssn": Rule(rf"{_D}{{3}}-{_D}{{2}}-{_D}{{4}}", "us.ssn"),
    "us_ssn_bare": Rule(rf"{_D}{{3}}\s?{_D}{{2}}\s?{_D}{{4}}", "us.ssn", r"\bssn\b|social security"),
    "us_itin": Rule(rf"9{_D}{{2}}-{_D}{{2}}-{_D}{{4}}", "us.itin", r"\bitin\b|taxpayer"),
    "gb_nino": Rule(rf"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\s?{_D}{{2}}\s?{_D}{{2}}\s?{_D}{{2}}\s?[A-D]"),
    "gb_nhs": Rule(rf"{_D}{{3}}[\s\-]?{_D}{{3}}[\s\-]?{_D}{{4}}", "gb.nhs", r"\bnhs\b"),
    "de_tax": Rule(rf"{_D}{{2}}\s?{_D}{{3}}\s?{_D}{{3}}\s?{_D}{{3}}", "de.idnr", r"steuer|\bidnr|\btin\b|tax id"),
    "es_dni": Rule(rf"{_D}{{8}}[\s\-]?[A-HJ-NP-TV-Z]", "es.dni"),
    "es_nie": Rule(rf"[XYZ][\s\-]?{_D}{{7}}[\s\-]?[A-HJ-NP-TV-Z]", "es.nie"),
    "fr_nir": Rule(
        rf"[1278]\s?{_D}{{2}}\s?[0-9]{{2}}\s?(?:{_D}{{2}}|2[AB])\s?{_D}{{3}}\s?{_D}{{3}}\s?{_D}{{2}}", "fr.nir"
    ),
    "it_codice_fiscale": Rule(rf"[A-Z]{{6}}{_D}{{2}}[A-EHLMPRST]{_D}{{2}}[A-Z]{_D}{{3}}[A-Z]", "it.codicefiscale"),
    "nl_bsn": Rule(rf"{_D}{{9}}|{_D}{{4}}\.{_D}{{2}}\.{_D}{{3}}", "nl.bsn", r"\bbsn\b|burgerservice|sofi"),
    "pl_pesel": Rule(rf"{_D}{{11}}", "pl.pesel", r"pesel"),
    "in_aadhaar": Rule(rf"[2-9]{_D}{{3}}[\s\-]?{_D}{{4}}[\s\-]?{_D}{{4}}", "in_.aadhaar", r"aadh?aa?r|uidai|आधार"),
    "in_pan": Rule(rf"[A-Z]{{3}}[ABCFGHLJPT][A-Z]{_D}{{4}}[A-Z]", "in_.pan", r"\bpan\b|permanent account|income tax"),
    "cn_ric": Rule(rf"[1-9]{_D}{{16}}[0-9Xx]", "cn.ric"),
    "br_cpf": Rule(rf"{_D}{{3}}\.{_D}{{3}}\.{_D}{{3}}-{_D}{{2}}", "br.cpf"),
    "br_cpf_bare": Rule(rf"{_D}{{11}}", "br.cpf", r"\bcpf\b"),
    "ca_sin": Rule(rf"{_D}{{3}}[\s\-]?{_D}{{3}}[\s\-]?{_D}{{3}}", "ca.sin", r"\bsin\b|social insurance|\bnas\b"),
    "au_tfn": Rule(rf"{_D}{{3}}\s?{_D}{{3}}\s?{_D}{{3}}", "au.tfn", r"\btfn\b|tax file"),
    "se_personnummer": Rule(rf"(?:{_D}{{2}})?{_D}{{6}}[-+]{_D}{{4}}", "se.personnummer"),
    "fi_hetu": Rule(rf"{_D}{{6}}[-+A]{_D}{{3}}[0-9A-FHJ-NPR-Y]", "fi.hetu"),
    "dk_cpr": Rule(rf"{_D}{{6}}-{_D}{{4}}", "dk.cpr", r"\bcpr\b|personnummer"),
    "no_fodselsnummer": Rule(rf"{_D}{{6}}\s?{_D}{{5}}", "no.fodselsnummer", r"fødselsn|personnummer"),
    "be_nn": Rule(rf"{_D}{{2}}\.{_D}{{2}}\.{_D}{{2}}-{_D}{{3}}\.{_D}{{2}}", "be.nn"),
    "ch_ahv": Rule(rf"756\.{_D}{{4}}\.{_D}{{4}}\.{_D}{{2}}", "ch.ssn"),
    "kr_rrn": Rule(rf"{_D}{{6}}-[1-8]{_D}{{6}}", "kr.rrn"),
    "mx_curp": Rule(rf"[A-Z]{{4}}{_D}{{6}}[HM][A-Z]{{5}}[0-9A-Z]{_D}", "mx.curp"),
    "za_id": Rule(rf"{_D}{{13}}|{_D}{{6}}\s{_D}{{4}}\s{_D}{{3}}", "za.idnr", r"\bid\b|identity"),
    "tr_kimlik": Rule(rf"[1-9]{_D}{{10}}", "tr.tckimlik", r"kimlik|\btckn"),
    "licence": Rule(
        r"[A-Z]{0,3}(?:-?[0-9]){6,14}", "", r"(?:driver'?s?|driving)[\s'’]{1,2}s?\s?licen[cs]e|führerschein"
    ),
    "passport": Rule(r"[A-Z]{0,2}[0-9][0-9A-Z]{5,8}", "", r"passport|reisepass|passeport|pasaporte"),
}
_DIGIT = re.compile(r"[0-9]")
_NOT_NINO = frozenset({"BG", "GB", "NK", "KN", "TN", "NT", "ZZ"})


def detector() -> Detector:
    """The detector of national identity numbers of every country in `RULES`.

    Example:
        >>> text = "SSN 536-90-4399; DNI 54362315K; order 123456789"
        >>> [text[start:end] for start, end, _ in detector().find(text)]
        ['536-90-4399', '54362315K']
    """
    plain = [rule.form for rule in RULES.values() if not rule.words]
    said = [rule.words for rule in RULES.values() if rule.words]
    require("stdnum", extra="text", by="finding national identity numbers")
    return Detector("national_id", rf"(?:{'|'.join(plain)})|(?i:{'|'.join(said)})[^0-9]*[0-9]", _find, _real)


@cache
def _compiled() -> tuple[re.Pattern[str], list[tuple[str, re.Pattern[str], re.Pattern[str]]]]:
    """All forms that need no word as one pattern, and the others each with its words."""
    bare = "|".join(f"(?P<{name}>{rule.form})" for name, rule in RULES.items() if not rule.words)
    edges = r"(?<![A-Za-z0-9])(?<![0-9][-.])(?:{})(?![A-Za-z0-9]|[-.][0-9])"
    named = [
        (name, re.compile(rule.words, re.IGNORECASE), re.compile(edges.format(rule.form)))
        for name, rule in RULES.items()
        if rule.words
    ]
    return re.compile(edges.format(bare)), named


@cache
def _said() -> re.Pattern[str]:
    """Any of the words of all rules."""
    return re.compile("|".join(rule.words for rule in RULES.values() if rule.words), re.IGNORECASE)


def _find(text: str) -> Iterator[Found]:
    plain, named = _compiled()
    for found in plain.finditer(text):
        if found.lastgroup is not None and any(_checked(name, found[0]) for name in _same_form(found[0])):
            yield found.start(), found.end(), 0.85
    if not _said().search(text):
        return
    for name, words, form in named:
        for word in words.finditer(text):
            near = form.search(text, word.end(), word.end() + 60)
            if near is not None and not _DIGIT.search(text, word.end(), near.start()) and _checked(name, near[0]):
                yield near.start(), near.end(), 0.9


def _same_form(value: str) -> Iterator[str]:
    """The rules without words whose form a value has: some countries share one."""
    for name, rule in RULES.items():
        if not rule.words and re.fullmatch(rule.form, value):
            yield name


def _checked(name: str, value: str) -> bool:
    """Whether a value of the right form passes the checks of its rule."""
    if name == "gb_nino":
        return value[:2] not in _NOT_NINO
    module = RULES[name].module
    compact = re.sub(r"\s", "", value)
    return not module or bool(require(f"stdnum.{module}", extra="text", by=name).is_valid(compact))


def _real(value: str) -> bool:
    """Whether a value could be the number of somebody, whatever is said around it."""
    return any(rule.module and re.fullmatch(rule.form, value) and _checked(name, value) for name, rule in RULES.items())
