"""One contender of `bench_pii.py`: reads texts as JSON Lines, writes what it finds in each, one list a line.

    PYTHON tests/benchmarks/pii_contenders.py curate|presidio TEXTS FOUND

presidio-analyzer runs its pattern recognizers alone, on spaCy's blank English tokenizer, for there is no model here.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

PRESIDIO = {
    "EMAIL_ADDRESS": "email",
    "PHONE_NUMBER": "phone",
    "CREDIT_CARD": "card",
    "IBAN_CODE": "iban",
    "IP_ADDRESS": "ip",
    "MAC_ADDRESS": "mac",
    "CRYPTO": "crypto_address",
    "US_SSN": "national_id",
    "US_DRIVER_LICENSE": "national_id",
    "US_PASSPORT": "national_id",
    "US_ITIN": "national_id",
    "UK_NHS": "national_id",
}
WARM = 20
"""Texts looked at before the clock starts, so that loading patterns and metadata is no part of the speed."""
Spans = list[tuple[int, int, str, float]]


def curate(texts: list[str]) -> Iterator[Spans]:
    import pyarrow as pa

    from curate.kernels.pii.find import detectors, find

    for start in range(0, len(texts), 1000):
        part = texts[start : start + 1000]
        found = find(pa.array(part, pa.large_string()), detectors())
        for row in range(len(part)):
            yield [(span.start, span.end, span.kind, span.score) for span in found.get(row, ())]


def presidio(texts: list[str]) -> Iterator[Spans]:
    import spacy
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    class Blank(SpacyNlpEngine):
        def __init__(self) -> None:
            super().__init__(models=[{"lang_code": "en", "model_name": "blank"}])

        def load(self) -> None:
            self.nlp: dict[str, Any] = {"en": spacy.blank("en")}

    nlp = Blank()
    nlp.load()
    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"], nlp_engine=nlp)
    analyzer = AnalyzerEngine(nlp_engine=nlp, registry=registry, supported_languages=["en"])
    known = [name for name in PRESIDIO if name in analyzer.get_supported_entities("en")]
    for text in texts:
        found = analyzer.analyze(text, language="en", entities=known)
        yield [(one.start, one.end, PRESIDIO[one.entity_type], one.score) for one in found]


def main() -> None:
    name, source, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    texts = [json.loads(line) for line in source.read_text("utf-8").splitlines()]
    contender = {"curate": curate, "presidio": presidio}[name]
    began = perf_counter()
    list(contender(texts[:WARM]))
    started = perf_counter() - began
    began = perf_counter()
    found = list(contender(texts))
    seconds = perf_counter() - began
    out.write_text("\n".join(json.dumps(spans) for spans in found), "utf-8")
    print(json.dumps({"seconds": seconds, "started": started}))


if __name__ == "__main__":
    main()
