"""Detectors find what is there in the forms people write it in, nothing that only looks alike, and in linear time.

Every value is of a documentation range, published as an example, or made up so that it belongs to nobody.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.errors import CurateError, InputError
from curate.kernels.pii.find import KINDS, PATTERNS, detectors, find, find_in, installed, suspects
from curate.kernels.pii.fold import fold, folded, places
from curate.kernels.pii.span import Span, merged

ALL = detectors((*PATTERNS, "person"), written=True, private=True)
W = "x" * 40

FOUND = [
    ("email", "write to jane.doe+news@mail.example.org.", "jane.doe+news@mail.example.org"),
    ("email", "邮箱jane@example.org谢谢", "jane@example.org"),
    ("email", "ｊａｎｅ＠ｅｘａｍｐｌｅ．ｏｒｇ", "ｊａｎｅ＠ｅｘａｍｐｌｅ．ｏｒｇ"),
    ("email", "ja\u200bne@exam\u00adple.org\u200b", "ja\u200bne@exam\u00adple.org"),
    ("email", "https://example.org/?email=jane@example.org&x=1", "jane@example.org"),
    ("email", "https://example.org/off/jane@example.org", "jane@example.org"),
    ("email", "mailto=jane%40example.org", "jane%40example.org"),
    ("email", "jane [at] example [dot] org", "jane [at] example [dot] org"),
    ("phone", "call me at 415-555-2671 today", "415-555-2671"),
    ("phone", "电话：13800138000", "13800138000"),
    ("phone", "tel:4155552671", "4155552671"),
    ("phone", "call free on 08000407165 (18+)", "08000407165"),
    ("phone", "(212) 555-2368 is mine", "(212) 555-2368"),
    ("phone", "+44 20 7946 0958", "+44 20 7946 0958"),
    ("phone", "+49 30\n901820", "+49 30\n901820"),
    ("phone", "ring me on 0171 1234567", "0171 1234567"),
    ("phone", "फ़ोन: ९८७६५ ४३२१०", "९८७६५ ४३२१०"),
    ("ip", "login from 81.2.69.142 failed", "81.2.69.142"),
    ("ip", "the IP is 8.8.4.4", "8.8.4.4"),
    ("ip", "at 2001:4860:4860::8888 now", "2001:4860:4860::8888"),
    ("ip", "http://81.2.69.142:8080/", "81.2.69.142"),
    ("mac", "device 3C-22-FB-00-00-01", "3C-22-FB-00-00-01"),
    ("mac", "3c22.fb00.0001", "3c22.fb00.0001"),
    ("url_credentials", "postgres://joe:not-real@db.example.org:5432/x", "joe:not-real"),
    ("iban", "GB82WEST12345698765432", "GB82WEST12345698765432"),
    ("iban", "IBAN DE89 3704 0044 0532 0130 00 bitte", "DE89 3704 0044 0532 0130 00"),
    (
        "iban",
        "de89\u00a03704\u00a00044\u00a00532\u00a00130\u00a000",
        "de89\u00a03704\u00a00044\u00a00532\u00a00130\u00a000",
    ),
    ("card", "4111 1111 1111 1111", "4111 1111 1111 1111"),
    ("card", "4111-1111\n1111-1111", "4111-1111\n1111-1111"),
    ("card", "４１１１１１１１１１１１１１１１", "４１１１１１１１１１１１１１１１"),
    ("card", "3 items, 378282246310005", "378282246310005"),
    ("card", "my card no.4111111111111111", "4111111111111111"),
    ("card", "3782 822463 10005, exp. 12/30", "3782 822463 10005"),
    ("card", "4111 1111 1111 1111 123 12/30", "4111 1111 1111 1111"),
    ("card", "no 12 4111 1111 1111 1111", "4111 1111 1111 1111"),
    ("national_id", "536-90-4399", "536-90-4399"),
    ("national_id", "SSN: 536904399", "536904399"),
    ("national_id", "NI number QQ 12 34 56 C".replace("QQ", "AB"), "AB 12 34 56 C"),
    ("national_id", "NHS 943 476 5870", "943 476 5870"),
    ("national_id", "Steuer-ID 36 574 261 809", "36 574 261 809"),
    ("national_id", "DNI 54362315K", "54362315K"),
    ("national_id", "X-2482300-W", "X-2482300-W"),
    ("national_id", "2 95 10 99 126 111 93", "2 95 10 99 126 111 93"),
    ("national_id", "RCCMNL83S18D969H", "RCCMNL83S18D969H"),
    ("national_id", "BSN 111222333", "111222333"),
    ("national_id", "PESEL 44051401359", "44051401359"),
    ("national_id", "Aadhaar 2341 2341 2346", "2341 2341 2346"),
    ("national_id", "身份证 11010519491231002X", "11010519491231002X"),
    ("national_id", "390.533.447-05", "390.533.447-05"),
    ("national_id", "SIN 123-456-782", "123-456-782"),
    ("national_id", "driver's license F162823540116", "F162823540116"),
    ("crypto_address", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"),
    ("crypto_address", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"),
    ("crypto_address", "0x" + "ab" * 20, "0x" + "ab" * 20),
    ("date_of_birth", "born on March 3rd, 1980 in", "March 3rd, 1980"),
    ("date_of_birth", "DOB: 03/03/1980", "03/03/1980"),
    ("date_of_birth", "geboren am 3. März 1980", "3. März 1980"),
    ("date_of_birth", "né le 3 mars 1980", "3 mars 1980"),
    ("date_of_birth", "出生日期：1980年3月3日", "1980年3月3日"),
    ("street_address", "at 221B Baker Street, London", "221B Baker Street"),
    (
        "street_address",
        "1600 Amphitheatre Parkway, Mountain View, CA 94043",
        "1600 Amphitheatre Parkway, Mountain View, CA 94043",
    ),
    ("street_address", "Hauptstraße 12a, 10115 Berlin", "Hauptstraße 12a, 10115 Berlin"),
    ("street_address", "12 bis, rue de la Paix, 75002 Paris", "12 bis, rue de la Paix, 75002 Paris"),
    ("street_address", "Calle de Alcalá, 50", "Calle de Alcalá, 50"),
    ("street_address", "PO Box 1234", "PO Box 1234"),
    ("street_address", "at 5 Kings Road, London", "5 Kings Road"),
    ("street_address", "Wilhelmstr. 26, 10117 Berlin. It is near", "Wilhelmstr. 26, 10117 Berlin"),
    ("street_address", "op de Vijzelgracht 21 werd", "Vijzelgracht 21"),
    ("secret", "Authorization: Bearer a8f5f167f44f4964e6c998de", "a8f5f167f44f4964e6c998de"),
    ("secret", "AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"),
    ("secret", "token ghp_" + "a1B2" * 9, "ghp_" + "a1B2" * 9),
    ("secret", "glpat-" + "a1B2_" * 4, "glpat-" + "a1B2_" * 4),
    ("secret", "xoxb" + "-123456789012-" + "aB3" * 8, "xoxb" + "-123456789012-" + "aB3" * 8),
    ("secret", "sk_" + "test_" + "a1B2" * 6, "sk_" + "test_" + "a1B2" * 6),
    ("secret", "AIza" + "a1B2_" * 7, "AIza" + "a1B2_" * 7),
    ("secret", "sk-" + "proj-" + "a1B2" * 12, "sk-" + "proj-" + "a1B2" * 12),
    ("secret", "sk-" + "ant-api03-" + "a1B2" * 20, "sk-" + "ant-api03-" + "a1B2" * 20),
    ("secret", "hf_" + "aBcD" * 8 + "ab", "hf_" + "aBcD" * 8 + "ab"),
    ("secret", "npm_" + "a1B2" * 9, "npm_" + "a1B2" * 9),
    ("secret", "pypi-" + "AgEIcHlwaS5vcmc" + "a1B2" * 12, "pypi-" + "AgEIcHlwaS5vcmc" + "a1B2" * 12),
    ("secret", "SK" + "0123456789abcdef" * 2, "SK" + "0123456789abcdef" * 2),
    ("secret", "SG." + "a1B2_" * 4 + "ab." + "a1B2_" * 8 + "abc", "SG." + "a1B2_" * 4 + "ab." + "a1B2_" * 8 + "abc"),
    ("secret", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."),
    ("secret", 'password = "hunter2-Tr0ub"', "hunter2-Tr0ub"),
    ("secret", "my password is Tr0ub4dor&3!", "Tr0ub4dor&3"),
    ("secret", "password: hunter2-Tr0ub.", "hunter2-Tr0ub"),
    ("secret", "password=hunter2secretXy9!", "hunter2secretXy9!"),
    ("secret", "{password: 'hunter2,Tr0ub;9.', n: 1}", "hunter2,Tr0ub;9."),
    ("secret", "client_secret: 'a8f5f167f44f4964e6c998de'", "a8f5f167f44f4964e6c998de"),
    (
        "secret",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY----- end",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----",
    ),
    ("person", "My name is Jane Doe and", "Jane Doe"),
    ("person", "ask Dr. Roe", "Roe"),
]

LEFT = [
    "@user on 2x screens: icon@2x.png, git@github.com:org/repo",
    "someone@company.example is nobody",
    "see RFC 2606, ISO 13616, pages 123-456, 1,234,567 rows and 12.5 %",
    "from 1999-2004 and 2001-12-11 to 2020-01-02 10:20:30",
    "version 1.2.3.4 and 10.15.7.1 of macOS release 5.6.7.8",
    "std::vector<int> a::b, time 10:20:30:40",
    "ff:ff:ff:ff:ff:ff and 00:00:00:00:00:00",
    "https://example.org:8080/a@b and http://localhost:3000",
    "GB82 WEST 1234 5698 7654 33 has a wrong checksum",
    "order 4111 1111 1111 1112, tracking 1234567890123456",
    "000-12-3456 and 666-12-3456 are no numbers of anyone",
    "54362315A has the wrong letter, 123456789 is nothing",
    "passwords: see the manual, password: required, token: ${TOKEN}, secret: <your secret here>",
    "the secret is that nobody knows; password reset; api_key=os.environ['KEY']",
    "sk-learn and sk-image, eyJ, ghp_short, AKIA",
    "he died on 3 March 1980, the band was formed in 1980",
    "3 big places, 5 Stars, the 9 Court judges; via 3 towns; Wegen 5",
    "Miss it, and Mr and Mrs",
    "2.718281828459045, 5.196152422706632, 0.9235687435 and 0.049 17 368",
    "12 345 678 901 of 2 000 000; contact 2 000 000 users; ISBN 0-306-40615-2",
    "aa:bb:cc:dd:ee:ff:00:11 has eight bytes",
    "I won a £100 High Street prize, of the $66,500 Union Avenue sale; € 500 High Street vouchers",
    "we met at 5 Ways Road and then at 7 Oaks Way",
    "In 1999 The Way of Chapter 4 The Drive; Katie 5 years",
    "数据 2024年 清洗 12345",
    '<svg class="card" d="M41.11 1 11.11a.65.65 0 01.65.65.66.66 0 01-.66.66 4.1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"/>',
    "2018 4111 1111 1111 1111 and 4111 1111 1111 1111 2019 are figures",
    'x4111111111111111, 4111111111111111.5, img/4111111111111111.png, "id": 6316291501494988453',
    '{"@vocab":"http://example.org","pageType":{"@id":"Text"}}',
    "",
]


@pytest.mark.parametrize(("kind", "text", "value"), FOUND)
def test_each_form_is_found_whole(kind: str, text: str, value: str) -> None:
    found = [text[span.start : span.end] for span in find_in(text, ALL) if span.kind == kind]
    assert found == [value]


@pytest.mark.parametrize("text", LEFT)
def test_what_only_looks_alike_is_left(text: str) -> None:
    assert [(span.kind, text[span.start : span.end]) for span in find_in(text, detectors())] == []


@pytest.mark.parametrize("n", [201, 400, 100_000])
@pytest.mark.parametrize(
    "form", ["password: {} and", '"nyt-token":"{}","', "Bearer {} x", "ya29.{} x", "sk-{} x", "://joe:{}@db.net"]
)
def test_a_secret_goes_to_its_last_sign_however_long_it_is(form: str, n: int) -> None:
    value = ("aB3dE6gH9j" * (n // 10 + 1))[:n]
    text = form.format(value)
    (span,) = find_in(text, detectors(("secret", "url_credentials")))
    assert text[span.start : span.end].endswith(value)
    assert text[span.end :] == form[form.index("{}") + 2 :]


def test_every_kind_is_tried_here() -> None:
    assert {kind for kind, _, _ in FOUND} == set(KINDS)
    assert set(installed()) == set(PATTERNS)


def test_private_addresses_and_written_ones_only_where_asked_for() -> None:
    text = "192.168.0.1, fd00::1:2, 203.0.113.7; jane at example dot org"
    assert find_in(text, detectors()) == ()
    asked = find_in(text, detectors(private=True, written=True))
    assert [span.kind for span in asked] == ["ip", "ip", "ip", "email"]


def test_regions_decide_which_national_numbers_count() -> None:
    text = "030 901820 and 01 42 68 53 00"
    assert [text[s.start : s.end] for s in find_in(text, detectors(("phone",), ("FR",)))] == ["01 42 68 53 00"]
    with pytest.raises(CurateError, match="'UK' is no region of phone numbers"):
        detectors(("phone",), ("UK",))


def test_a_column_gives_what_each_text_gives_by_itself() -> None:
    texts = [text for _, text, _ in FOUND] + LEFT
    column = pa.array([None, *texts], pa.large_string())
    assert find(column, ALL) == {row: spans for row, text in enumerate(texts, 1) if (spans := find_in(text, ALL))}


def test_spans_that_overlap_become_one_of_the_most_certain_kind() -> None:
    spans = [Span(0, 5, "a", 0.5), Span(3, 9, "b", 0.9), Span(8, 12, "c", 0.9), Span(20, 21, "d", 0.1)]
    assert merged(spans) == merged(reversed(spans)) == (Span(0, 12, "b", 0.9), Span(20, 21, "d", 0.1))


AWKWARD = st.text(
    st.one_of(st.characters(exclude_categories=()), st.sampled_from("@.:-/+() 0123456789abcdefXx\n٣１．＠\u00a0")),
    max_size=80,
)


@settings(max_examples=60)
@given(AWKWARD)
def test_no_text_breaks_them_and_the_quick_mask_misses_nothing(text: str) -> None:
    spans = find_in(text, ALL)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(one.end <= other.start for one, other in pairwise(spans))
    if not any("\ud800" <= sign <= "\udfff" for sign in text):
        column = pa.array([text], pa.large_string())
        assert find(column, ALL).get(0, ()) == spans
        assert suspects(column, ALL)[0].as_py() or not spans
        assert folded(column)[0].as_py() == fold(text)
    at = places(text) or [*range(len(text) + 1)]
    assert len(fold(text)) == len(at) - 1
    assert all(low < high for low, high in pairwise(at))


UNITS = (
    "a", "1", "1 ", "1.", "1-", "(1)", "a@", "@", "a@a.", "://", "://a:", "eyJ", "sk-", "-----BEGIN PRIVATE KEY-----",
    "password=", "password is a1", "born 1.1.", "1 A ", "Calle A ", "1 rue de ", "GB82 ", "12 34 ", "ab:", "1.1.1.",
    "ssn 123", "123-45-6789 ", "a at b dot ", "4111 1111 ", "bc1q", "\n", "٣", "Hauptstraße ", "2001:db8:",
    "passport A1", "Mr Aa ", "AaBb1", "ﬁ",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("unit", UNITS)
def test_a_megabyte_of_anything_takes_no_more_than_seconds(unit: str) -> None:
    text = (unit * (1_000_000 // len(unit) + 1))[:1_000_000]
    began = time.process_time()
    find(pa.array([text], pa.large_string()), ALL)
    assert time.process_time() - began < 15


@pytest.mark.parametrize("unit", UNITS)
def test_twice_the_text_takes_twice_the_time(unit: str) -> None:
    """A quadratic pattern takes four times as long for twice the text; the bound leaves room for a busy machine."""

    def seconds(n: int) -> float:
        plain = fold((unit * (n // len(unit) + 1))[:n])
        best = 1e9
        for _ in range(2):
            began = time.process_time()
            find_in(plain, ALL)
            best = min(best, time.process_time() - began)
        return best

    assert seconds(16_000) < 3.2 * seconds(8_000) + 0.05


GOLD = {
    "EMAIL_ADDRESS": "email",
    "PHONE_NUMBER": "phone",
    "CREDIT_CARD": "card",
    "IBAN_CODE": "iban",
    "US_SSN": "national_id",
    "IP_ADDRESS": "ip",
}


def test_real_labels(data_dir: Path) -> None:
    """On the synthetic persons of presidio-research nothing but phone numbers of nowhere and addresses is missed."""
    rows = json.loads((data_dir / "pii_presidio" / "synth_dataset_v2.json").read_text("utf-8"))
    found = find(pa.array([row["full_text"] for row in rows]), detectors())
    hits, gold, false = Counter[str](), Counter[str](), Counter[str]()
    for at, row in enumerate(rows):
        spans = [(one["start_position"], one["end_position"], GOLD.get(one["entity_type"])) for one in row["spans"]]
        for start, end, kind in spans:
            if kind is not None:
                gold[kind] += 1
                hits[kind] += any(s.kind == kind and s.start < end and s.end > start for s in found.get(at, ()))
        for span in found.get(at, ()):
            false[span.kind] += not any(start < span.end and end > span.start for start, end, _ in spans)
    recall = {kind: hits[kind] / n for kind, n in gold.items()}
    assert {kind: share for kind, share in recall.items() if share < 0.97} == {"phone": pytest.approx(0.85, abs=0.06)}
    assert false.total() <= 3


def test_a_model_finds_names(tmp_path: Path) -> None:
    """With a model of the user's own; none is shipped or fetched."""
    spacy = pytest.importorskip("spacy")
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "PERSON", "pattern": "Ada Lovelace"}])
    nlp.to_disk(tmp_path / "names")
    text = "yesterday Ada Lovelace met Mr. Babbage"
    spans = find_in(text, detectors(("person",), model=str(tmp_path / "names")))
    assert [text[span.start : span.end] for span in spans] == ["Ada Lovelace", "Babbage"]
    with pytest.raises(InputError, match="the spaCy model 'no_such_model' is not installed"):
        detectors(("person",), model="no_such_model")
