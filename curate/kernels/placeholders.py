"""Placeholders: words that stand where a value should, and say that there is none.

Spreadsheet errors, what programs write for "no value", what people type into a mandatory field. Two levels: `sure`
words are hardly ever meant as text; the others (`none`, `?`, `test`) are a fair answer in many a data set, so they
count only where asked for. A whole cell must be such a word: a text that contains one is a text.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curate.kernels.buffers import as_bools

Level = Literal["sure", "all"]

LONGEST = 40
"""Longer cells are no placeholder, but for filler text."""

_OUTER = " \t\r\n\"'`.,:;!*_()[]{}<>|/\\«»“”‘’„「」（）。，、"
_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015_=~ "

_AS_WRITTEN = frozenset("null NULL nan NaN NAN NaT <NA> undefined TODO TBD tbd TBA".split())
"""Sure only in this spelling: `Nan` is a grandmother, `Null` zero in German, `todo` everything in Spanish."""


def _words(table: str) -> frozenset[str]:
    return frozenset(word.strip() for line in table.strip().splitlines() for word in line.split("|"))


_SURE = _words(r"""
    n/a|n\a|n.a|#n/a|#na|#ref!|#value!|#name?|#div/0!|#num!|#null!|#error!|\n|-nan|1.#qnan|[object object]
    (null)|<null>|[null]|(none)|[none]|<none>|<undefined>|(blank)|(empty)|[empty]|<empty>
    [deleted]|[removed]|[deleted by user]|(deleted)|(removed)|<deleted>|<removed>
    not available|not applicable|not specified|not provided|no data|no data available|data not available
    to be determined|to be announced|to be done|no text|no content|no comment provided|no description available
    no input|noinput|no output|nooutput|insert text here|your text here|placeholder|placeholder text|lorem ipsum
    nicht verfügbar|nicht vorhanden|keine angabe|keine angaben|keine daten|k.a|k. a
    non disponible|non renseigné|non applicable|sans objet|aucune donnée|pas de données
    no disponible|no aplica|no especificado|sin datos|não disponível|não se aplica|não informado|sem dados
    non disponibile|non applicabile|nessun dato|niet beschikbaar|niet van toepassing|geen gegevens
    brak danych|nie dotyczy|нет данных|не указано|не применимо|немає даних|veri yok|tidak tersedia
    暂无|暂无数据|暂无内容|无数据|不适用|無資料|不適用|該当なし|データなし|未入力|해당 없음|데이터 없음
    غير متوفر|غير متاح|لا توجد بيانات|उपलब्ध नहीं|लागू नहीं|không có dữ liệu|babu bayani
""")
_DOUBTFUL = _words("""
    na|none|null|nan|nil|nothing|undefined|unknown|unspecified|missing|empty|blank|deleted|removed|void|todo|tbd|tba
    ?|??|???|.|..|...|…|x|xx|xxx|xxxx|test|testing|test test|asdf|asdfg|asdfgh|qwerty|foo|bar|foobar|dummy
    keine|nichts|unbekannt|leer|aucun|aucune|rien|inconnu|vide|ninguno|ninguna|nada|desconocido|vacío|nenhum|nenhuma
    desconhecido|vazio|nessuno|niente|sconosciuto|vuoto|geen|onbekend|leeg|brak|nieznany|нет|неизвестно|пусто
    无|無|没有|未知|空|なし|不明|없음|모름|لا يوجد|غير معروف|अज्ञात|कोई नहीं|yok|bilinmiyor|babu|tidak ada|không có
""")
_FILLER = frozenset(
    """
    lorem ipsum dolor sit amet consectetur consectetuer adipiscing adipisicing elit sed do eiusmod tempor incididunt ut
    labore et dolore magna aliqua enim ad minim veniam quis nostrud exercitation ullamco laboris nisi aliquip ex ea
    commodo consequat duis aute irure in reprehenderit voluptate velit esse cillum eu fugiat nulla pariatur excepteur
    sint occaecat cupidatat non proident sunt culpa qui officia deserunt mollit anim id est laborum diam nonummy nibh
    euismod tincidunt laoreet aliquam erat volutpat vel at vero eos accusam justo duo dolores rebum stet clita kasd
    gubergren no sea takimata sanctus
    """.split()
)
"""The words of the filler text that printers have used since the sixteenth century, from Cicero's De finibus."""


def is_placeholder(
    cells: pa.Array, level: Level | None, words: Collection[str] = (), *, label: bool = False
) -> NDArray[np.bool_]:
    """Which cells are placeholders, null being none.

    Case, outer white space and outer punctuation make no difference, but for the few words whose spelling tells.

    Args:
        cells: cells of any plain type; numbers and the like are only compared with `words`.
        level: which of the known words count: those that are `sure`, `all`, or none (None).
        words: further words that count.
        label: the cells are class names: a dash is one (as in `+` and `-`) and counts only where the level is `all`.

    Returns:
        Booleans, shape (n,).

    Example:
        >>> is_placeholder(pa.array(["N/A", "None of these is N/A", "none", "[deleted]", None]), "sure").tolist()
        [True, False, False, True, False]
    """
    if pa.types.is_dictionary(cells.type):
        cells = cells.dictionary_decode()
    if pa.types.is_nested(cells.type) or (not _is_text(cells) and not words):
        return np.zeros(len(cells), np.bool_)
    text = _is_text(cells)
    known = frozenset(_spelling(word) for word in words) | frozenset(word.strip().casefold() for word in words)
    texts = cells.cast(pa.large_string())
    short = pc.fill_null(pc.less_equal(pc.utf8_length(texts), LONGEST), False)
    unique = texts.filter(short).unique().to_pylist()
    found = [cell for cell in unique if _counts(cell, level if text else None, known, label)]
    hit = as_bools(pc.fill_null(pc.is_in(texts, value_set=pa.array(found, texts.type)), False))
    return hit | _is_filler(texts) if level is not None and text else hit


def _is_text(cells: pa.Array) -> bool:
    kind = cells.type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _spelling(cell: str) -> str:
    """A cell without outer punctuation, in one case, with single spaces."""
    return " ".join(cell.casefold().strip(_OUTER).split())


def _counts(cell: str, level: Level | None, words: Collection[str], label: bool) -> bool:
    bare = " ".join(cell.split())
    low, inner = bare.casefold(), _spelling(cell)
    if low in words or (inner and inner in words):
        return True
    if level is None or not bare:
        return False
    if bare in _AS_WRITTEN or low in _SURE or inner in _SURE or bare.strip(_OUTER) in _AS_WRITTEN:
        return True
    dashes = not bare.strip(_DASHES)
    return dashes and not label if level == "sure" else dashes or low in _DOUBTFUL or inner in _DOUBTFUL


def _is_filler(texts: pa.Array) -> NDArray[np.bool_]:
    """Texts that begin with *lorem ipsum* and are mostly the words of that filler."""
    begun = as_bools(pc.fill_null(pc.match_substring_regex(texts, r"(?i)^\W*lorem\s+ipsum\b"), False)).copy()
    for at in np.flatnonzero(begun).tolist():
        words = texts[at].as_py()[:2000].casefold().split()
        begun[at] = 2 * sum(word.strip(_OUTER) in _FILLER for word in words) >= len(words)
    return begun
