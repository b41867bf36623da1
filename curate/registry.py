"""Names to things, lazily: a name is bound to `module:attribute` and imported only when it is asked for.

Built-in names stand here; plugins add theirs through the entry point groups `curate.transforms`, `curate.checks`,
`curate.encoders`, `curate.translators`, `curate.learners` and `curate.engines`.
"""

from __future__ import annotations

import importlib
from functools import cache
from importlib.metadata import entry_points
from typing import Any

from curate.errors import CurateError, UnknownName, did_you_mean

_BUILT_IN: dict[str, dict[str, str]] = {
    "transforms": {
        "augment.aeda": "curate.transforms.augment.aeda:AugmentAeda",
        "augment.antonym": "curate.transforms.augment.antonym:AugmentAntonym",
        "augment.attack": "curate.transforms.augment.attack:AugmentAttack",
        "augment.backtranslate": "curate.transforms.augment.backtranslate:AugmentBacktranslate",
        "augment.case": "curate.transforms.augment.case:AugmentCase",
        "augment.concat": "curate.transforms.augment.concat:AugmentConcat",
        "augment.constrain": "curate.transforms.augment.constrain:ConstrainAdded",
        "augment.contraction": "curate.transforms.augment.contraction:AugmentContraction",
        "augment.counterfactual": "curate.transforms.augment.counterfactual:AugmentCounterfactual",
        "augment.crop": "curate.transforms.augment.crop:AugmentCrop",
        "augment.date": "curate.transforms.augment.date:AugmentDate",
        "augment.diacritics": "curate.transforms.augment.diacritics:AugmentDiacritics",
        "augment.eda": "curate.transforms.augment.eda:AugmentEda",
        "augment.entity": "curate.transforms.augment.entity:AugmentEntity",
        "augment.generate": "curate.transforms.augment.generate:AugmentGenerate",
        "augment.homoglyph": "curate.transforms.augment.homoglyph:AugmentHomoglyph",
        "augment.keyboard": "curate.transforms.augment.keyboard:AugmentKeyboard",
        "augment.misspell": "curate.transforms.augment.misspell:AugmentMisspell",
        "augment.mlm": "curate.transforms.augment.mlm:AugmentMlm",
        "augment.negation": "curate.transforms.augment.negation:AugmentNegation",
        "augment.nlpaug": "curate.transforms.augment.nlpaug:AugmentNlpaug",
        "augment.number": "curate.transforms.augment.number:AugmentNumber",
        "augment.ocr": "curate.transforms.augment.ocr:AugmentOcr",
        "augment.paraphrase": "curate.transforms.augment.paraphrase:AugmentParaphrase",
        "augment.policy": "curate.transforms.augment.policy:AugmentByPolicy",
        "augment.shuffle": "curate.transforms.augment.shuffle:AugmentShuffle",
        "augment.spacing": "curate.transforms.augment.spacing:AugmentSpacing",
        "augment.synonym": "curate.transforms.augment.synonym:AugmentSynonym",
        "augment.tfidf": "curate.transforms.augment.tfidf:AugmentTfidf",
        "augment.typo": "curate.transforms.augment.typo:AugmentTypo",
        "clean.boilerplate": "curate.transforms.clean.boilerplate:CleanBoilerplate",
        "clean.case": "curate.transforms.clean.case:CleanCase",
        "clean.contractions": "curate.transforms.clean.contractions:CleanContractions",
        "clean.control": "curate.transforms.clean.control:CleanControl",
        "clean.emoji": "curate.transforms.clean.emoji:CleanEmoji",
        "clean.html": "curate.transforms.clean.html:CleanHtml",
        "clean.hyphenation": "curate.transforms.clean.hyphenation:CleanHyphenation",
        "clean.language": "curate.transforms.clean.language:TagLanguage",
        "clean.latex": "curate.transforms.clean.latex:CleanLatex",
        "clean.markdown": "curate.transforms.clean.markdown:CleanMarkdown",
        "clean.missing": "curate.transforms.clean.missing:FillMissing",
        "clean.pii": "curate.transforms.clean.pii:CleanPii",
        "clean.quotes": "curate.transforms.clean.quotes:CleanQuotes",
        "clean.repeats": "curate.transforms.clean.repeats:CleanRepeats",
        "clean.spelling": "curate.transforms.clean.spelling:CleanSpelling",
        "clean.types": "curate.transforms.clean.types:ReadTypes",
        "clean.unicode": "curate.transforms.clean.unicode:CleanUnicode",
        "clean.urls": "curate.transforms.clean.urls:CleanUrls",
        "clean.whitespace": "curate.transforms.clean.whitespace:CleanWhitespace",
        "clean.width": "curate.transforms.clean.width:CleanWidth",
        "convert.to_chat": "curate.transforms.convert.to_chat:ToChat",
        "convert.to_instruction": "curate.transforms.convert.to_instruction:ToInstruction",
        "convert.to_prompt": "curate.transforms.convert.to_prompt:ToPrompt",
        "dedup.exact": "curate.transforms.dedup.exact:DropExactDuplicates",
        "dedup.leakage": "curate.transforms.dedup.leakage:DropLeakedRows",
        "dedup.lines": "curate.transforms.dedup.lines:CutRepeatedLines",
        "dedup.minhash": "curate.transforms.dedup.minhash:DropMinHashDuplicates",
        "dedup.near": "curate.transforms.dedup.near:DropNearDuplicates",
        "dedup.semantic": "curate.transforms.dedup.semantic:DropSemanticDuplicates",
        "dedup.substring": "curate.transforms.dedup.substring:CutRepeatedSpans",
        "filter.alphanumeric": "curate.transforms.filter.alphanumeric:DropByAlphanumeric",
        "filter.answers": "curate.transforms.filter.answers:DropBadAnswers",
        "filter.c4": "curate.transforms.filter.c4:KeepC4Lines",
        "filter.character_repetition": "curate.transforms.filter.character_repetition:DropByCharacterRepetition",
        "filter.compression": "curate.transforms.filter.compression:DropByCompression",
        "filter.digits": "curate.transforms.filter.digits:DropByDigits",
        "filter.fineweb_quality": "curate.transforms.filter.fineweb_quality:DropByFineWebQuality",
        "filter.flagged_words": "curate.transforms.filter.flagged_words:DropByFlaggedWords",
        "filter.gopher_quality": "curate.transforms.filter.gopher_quality:DropByGopherQuality",
        "filter.gopher_repetition": "curate.transforms.filter.gopher_repetition:DropByGopherRepetition",
        "filter.language": "curate.transforms.filter.language:DropByLanguage",
        "filter.length": "curate.transforms.filter.length:DropByLength",
        "filter.lexical_diversity": "curate.transforms.filter.lexical_diversity:DropByLexicalDiversity",
        "filter.line_length": "curate.transforms.filter.line_length:DropByLineLength",
        "filter.missing": "curate.transforms.filter.missing:DropMissing",
        "filter.perplexity": "curate.transforms.filter.perplexity:DropByPerplexity",
        "filter.pii": "curate.transforms.filter.pii:DropByPii",
        "filter.quality": "curate.transforms.filter.quality:DropByQuality",
        "filter.readability": "curate.transforms.filter.readability:DropByReadability",
        "filter.special_characters": "curate.transforms.filter.special_characters:DropBySpecialCharacters",
        "filter.stop_words": "curate.transforms.filter.stop_words:DropByStopWords",
        "filter.toxicity": "curate.transforms.filter.toxicity:DropToxic",
        "filter.uppercase": "curate.transforms.filter.uppercase:DropByUppercase",
        "filter.word_length": "curate.transforms.filter.word_length:DropByWordLength",
        "filter.word_repetition": "curate.transforms.filter.word_repetition:DropByWordRepetition",
        "labels.drop_issues": "curate.transforms.labels.issues:DropLabelIssues",
        "labels.merge_names": "curate.transforms.labels.names:MergeNames",
        "rebalance.oversample": "curate.transforms.rebalance.oversample:Oversample",
        "split.text": "curate.transforms.split.text:SplitText",
    },
    "checks": {
        "answers": "curate.checks.answers:Answers",
        "balance": "curate.checks.balance:ClassBalance",
        "class_names": "curate.checks.class_names:ClassNames",
        "column_types": "curate.checks.column_types:ColumnTypes",
        "debris": "curate.checks.debris:Debris",
        "duplicates": "curate.checks.duplicates:ExactDuplicates",
        "label_issues": "curate.checks.labels:LabelIssues",
        "language": "curate.checks.language:RareLanguages",
        "leakage": "curate.checks.leakage:Leakage",
        "missing": "curate.checks.missing:Missing",
        "near_duplicates": "curate.checks.near_duplicates:NearDuplicates",
        "outliers": "curate.checks.outliers:Outliers",
        "packing": "curate.checks.packing:Packing",
        "pii": "curate.checks.pii:Pii",
        "repeated_text": "curate.checks.repeated:RepeatedText",
    },
    "encoders": {
        "hashed": "curate.kernels.encoders.hashed:Hashed",
        "lsa": "curate.kernels.encoders.lsa:Lsa",
        "sentence": "curate.kernels.encoders.sentence:Sentence",
        "static": "curate.kernels.encoders.static:Static",
        "terms": "curate.kernels.encoders.terms:Terms",
    },
    "translators": {
        "apertium": "curate.kernels.translators.apertium:Apertium",
        "ctranslate2": "curate.kernels.translators.ct2:CTranslate2",
        "marian": "curate.kernels.translators.marian:Marian",
        "server": "curate.kernels.translators.served:Served",
    },
    "learners": {
        "bag": "curate.learn.bag:Bag",
        "causal": "curate.learn.causal:Causal",
        "head": "curate.learn.head:Head",
        "linear": "curate.learn.linear:Linear",
        "tabular": "curate.learn.tabular:Tabular",
        "transformer": "curate.learn.transformer:Transformer",
    },
    "engines": {"local": "curate.engines.local:LocalEngine"},
    "signals": {
        "alphanumeric_fraction": "curate.transforms.filter.alphanumeric:AlphanumericFraction",
        "attack": "curate.learn.attacked:AttackSignal",
        "c4_statistics": "curate.transforms.filter.c4:LineStatistics",
        "compression_ratio": "curate.transforms.filter.compression:CompressionRatio",
        "digit_fraction": "curate.transforms.filter.digits:DigitFraction",
        "distinct_word_fraction": "curate.transforms.filter.lexical_diversity:DistinctWordFraction",
        "embedding": "curate.learn.encoding:Embedding",
        "entity_pool": "curate.transforms.augment.entity:EntityPool",
        "fineweb_quality_statistics": "curate.transforms.filter.fineweb_quality:LineShapeStatistics",
        "flagged_word_fraction": "curate.transforms.filter.flagged_words:FlaggedWordFraction",
        "foreign_fraction": "curate.transforms.filter.language:ForeignFraction",
        "gopher_quality_statistics": "curate.transforms.filter.gopher_quality:QualityStatistics",
        "gopher_repetition_statistics": "curate.transforms.filter.gopher_repetition:RepetitionStatistics",
        "language": "curate.transforms.filter.language:Language",
        "language_score": "curate.transforms.filter.language:LanguageScore",
        "leaked_from": "curate.transforms.dedup.leakage:LeakedFrom",
        "lexical_diversity": "curate.transforms.filter.lexical_diversity:LexicalDiversity",
        "lix": "curate.transforms.filter.readability:Lix",
        "made_from": "curate.transforms.augment.kin:MadeFrom",
        "max_line_length": "curate.transforms.filter.line_length:MaxLineLength",
        "mean_line_length": "curate.transforms.filter.line_length:MeanLineLength",
        "mean_word_length": "curate.transforms.filter.word_length:MeanWordLength",
        "n_characters": "curate.transforms.filter.length:Characters",
        "n_pii": "curate.transforms.filter.pii:PiiCount",
        "n_sentences": "curate.transforms.filter.length:Sentences",
        "n_tokens": "curate.transforms.filter.length:Tokens",
        "n_words": "curate.transforms.filter.length:Words",
        "own_perplexity": "curate.learn.perplexity:OwnPerplexity",
        "perplexity": "curate.learn.perplexity:Perplexity",
        "misspellings": "curate.transforms.clean.spelling:Misspellings",
        "parent_similarity": "curate.transforms.augment.kin:ParentSimilarity",
        "pred_probs": "curate.learn.crossfit:PredProbs",
        "quality": "curate.learn.quality:Quality",
        "reading_ease": "curate.transforms.filter.readability:ReadingEase",
        "repeated_character_fraction": "curate.transforms.filter.character_repetition:RepeatedCharacterFraction",
        "repeated_lines": "curate.transforms.dedup.lines:RepeatedLines",
        "repeated_spans": "curate.transforms.dedup.substring:RepeatedSpans",
        "repeated_word_fraction": "curate.transforms.filter.word_repetition:RepeatedWordFraction",
        "special_character_fraction": "curate.transforms.filter.special_characters:SpecialCharacterFraction",
        "stop_word_fraction": "curate.transforms.filter.stop_words:StopWordFraction",
        "toxicity": "curate.learn.quality:Toxicity",
        "uppercase_fraction": "curate.transforms.filter.uppercase:UppercaseFraction",
        "word_counts": "curate.transforms.augment.tfidf:CountedWords",
        "variants_wanted": "curate.transforms.augment.wanted:VariantsWanted",
    },
}

KINDS = tuple(_BUILT_IN)


@cache
def _plugins(kind: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for point in sorted(entry_points(group=f"curate.{kind}"), key=lambda point: (point.name, point.value)):
        taken = found.get(point.name) or _BUILT_IN[kind].get(point.name)
        if taken is not None and taken != point.value:
            raise CurateError(
                f"two {kind} are called {point.name!r}: {taken} and {point.value}",
                hint="uninstall one of the two plugins",
            )
        found[point.name] = point.value
    return found


def names(kind: str) -> list[str]:
    """All names of a kind (`transforms`, `checks`, `learners`, …), sorted; imports nothing of them."""
    return sorted({**_BUILT_IN[kind], **_plugins(kind)})


def get(kind: str, name: str) -> Any:
    """The class bound to `name`.

    Raises:
        UnknownName: no such name; the message holds the nearest one.

    Example:
        >>> get("transforms", "clean.whitespace").__name__
        'CleanWhitespace'
    """
    target = _BUILT_IN[kind].get(name) or _plugins(kind).get(name)
    if target is None:
        raise UnknownName(f"no {kind[:-1]} is called {name!r}", hint=did_you_mean(name, names(kind)))
    module, _, attribute = target.partition(":")
    return getattr(importlib.import_module(module), attribute)


def summary(kind: str, name: str) -> str:
    """The first sentence of the docstring of what `name` is bound to.

    Example:
        >>> summary("transforms", "filter.length")
        'Drops texts outside the given lengths.'
    """
    paragraph = " ".join((get(kind, name).__doc__ or "").strip().split("\n\n")[0].split())
    return paragraph.split(". ")[0].removesuffix(".") + "." if paragraph else ""
