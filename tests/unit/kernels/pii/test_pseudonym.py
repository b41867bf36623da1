"""Pseudonyms are the same everywhere under one key, say nothing without it, and belong to nobody; masks show an end."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.errors import InputError
from curate.kernels.pii.find import KINDS, detectors, find_in
from curate.kernels.pii.key import read_key
from curate.kernels.pii.mask import mask_text, mask_texts, masked
from curate.kernels.pii.pseudonym import key_id, pseudonym

KEY = bytes(range(32))
BY_KIND = {one.kind: one for one in detectors(tuple(KINDS))}
VALUES = {
    "email": "jane.roe@mail.example.org",
    "phone": "+1 415-555-2671",
    "card": "4111 1111 1111 1111",
    "iban": "GB82 WEST 1234 5698 7654 32",
    "national_id": "536-90-4399",
    "ip": "81.2.69.142",
    "mac": "3c:22:fb:00:00:01",
    "crypto_address": "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
    "secret": "hunter2-Tr0ub",
    "url_credentials": "joe:not-real",
    "date_of_birth": "3 March 1980",
    "street_address": "221B Baker Street",
    "person": "Jane Roe",
}


def name(kind: str, value: str, key: bytes = KEY) -> str:
    return pseudonym(kind, value, key, BY_KIND[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_value_has_one_pseudonym_under_one_key(kind: str) -> None:
    value = VALUES[kind]
    assert name(kind, value) == name(kind, value) != value
    assert name(kind, value) != name(kind, value, KEY[::-1])
    assert not any(part in name(kind, value) for part in value.split() if len(part) > 4)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "crypto_address"])
def test_a_pseudonym_is_nobodys(kind: str) -> None:
    """What finds the value does not take its pseudonym for another one."""
    for n in range(20):
        made = name(kind, VALUES[kind], KEY + bytes([n]))
        real = BY_KIND[kind].real
        assert real is None or not real(made)
        whole = [span for span in find_in(made, [BY_KIND[kind]]) if (span.start, span.end) == (0, len(made))]
        assert whole == []


def test_a_pseudonym_keeps_its_kind() -> None:
    mail = name("email", "jane@mail.example.org")
    other = name("email", "joe@mail.example.org")
    assert mail.endswith(".example")
    assert mail.split("@")[1] == other.split("@")[1]
    assert mail != other
    assert [len(part) for part in name("card", VALUES["card"]).split()] == [4, 4, 4, 4]
    assert name("iban", VALUES["iban"]).startswith("GB00 ")
    assert [len(part) for part in name("national_id", VALUES["national_id"]).split("-")] == [3, 2, 4]
    assert ipaddress.ip_address(name("ip", "81.2.69.142")).is_reserved
    assert ipaddress.ip_address(name("ip", "2001:4860:4860::8888")) in ipaddress.ip_network("2001:db8::/32")
    for mac in (VALUES["mac"], "3C-22-FB-00-00-01", "3c22.fb00.0001"):
        made = int(re.sub("[:.-]", "", name("mac", mac)), 16)
        assert made >> 40 & 3 == 3, "locally administered, and of a group"
    assert name("phone", VALUES["phone"]).startswith("+")
    assert name("phone", VALUES["phone"])[6] == "-"


def test_the_way_a_value_is_written_does_not_change_who_it_is() -> None:
    digits = [
        "".join(filter(str.isdecimal, name("card", value))) for value in ("4111 1111 1111 1111", "4111-1111-1111-1111")
    ]
    assert digits[0] == digits[1]
    assert name("email", "Jane@Example.ORG") == name("email", "jane@example.org") == name("email", "ｊane@example.org")


def test_a_key_has_a_name_that_does_not_tell_it() -> None:
    assert key_id(KEY) == key_id(KEY) != key_id(KEY[::-1])
    assert KEY.hex() not in key_id(KEY)
    assert key_id(KEY * 9) != key_id(KEY * 8)


def test_a_key_comes_from_the_environment_or_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text("0123456789abcdef0123\n")
    monkeypatch.setenv("PII_KEY", "0123456789abcdef0123")
    assert read_key("PII_KEY", None) == read_key(None, str(tmp_path / "key")) == b"0123456789abcdef0123"
    with pytest.raises(InputError, match="the environment variable NO_KEY holds no key"):
        read_key("NO_KEY", None)
    with pytest.raises(InputError, match=r"cannot read the file .*none"):
        read_key(None, str(tmp_path / "none"))
    monkeypatch.setenv("PII_KEY", "too-short-a-key")
    with pytest.raises(InputError, match="fewer than 16 bytes") as said:
        read_key("PII_KEY", None)
    assert "too-short-a-key" not in str(said.value)


@pytest.mark.parametrize("kind", KINDS)
def test_a_mask_shows_at_most_four_signs(kind: str) -> None:
    shown = [sign for sign in masked(kind, VALUES[kind]) if sign.isalnum()]
    assert len(shown) <= (5 if kind == "email" else 4)
    assert VALUES[kind] not in masked(kind, VALUES[kind])


@settings(max_examples=60)
@given(st.text(max_size=30), st.sampled_from(sorted(VALUES.values())), st.text(max_size=30))
def test_what_is_masked_is_not_found_again(before: str, value: str, after: str) -> None:
    text = f"{before} {value} {after}"
    once = mask_text(text)
    assert mask_text(once) == once
    assert mask_texts(pa.array([text, None])).to_pylist() == [once, None]


def test_an_address_has_one_pseudonym_however_it_is_hidden_or_encoded() -> None:
    plain = name("email", "jane@example.org")
    assert name("email", "ja\u200bne@example.org") == plain
    assert name("email", "jane%40example.org") == plain.replace("@", "%40")


def test_what_hides_in_entities_is_shown_masked() -> None:
    """A text without any is shown to the letter."""
    hidden = "ask jane&#46;roe&#64;example&#46;org &amp; co"
    assert mask_text(hidden) == "ask j***@e***.org & co"
    assert mask_texts(pa.array([hidden, "a &amp; b", None])).to_pylist() == [
        "ask j***@e***.org & co",
        "a &amp; b",
        None,
    ]
    assert mask_text("a &amp; b") == "a &amp; b"


@pytest.mark.parametrize(
    "hidden",
    [
        "jane&#64;acme-corp.com",
        "jane&#0000000064;acme-corp.com",
        "jane&#64acme-corp.com",
        "jane&amp;#64;acme-corp.com",
        "jane&commat;acme-corp&period;com",
        "jane&#x40;acme-corp.com and joe@acme-corp.com",
        "jane&#46;roe@acme-corp.com",
        "jane<b>@</b>acme-corp.com <i>x</i>",
    ],
)
def test_no_way_to_write_an_entity_shows_what_it_hides(hidden: str) -> None:
    for shown in (mask_text(f"ask {hidden} &amp; co"), mask_texts(pa.array([f"ask {hidden} &amp; co"]))[0].as_py()):
        assert "jane" not in shown
        assert "acme" not in shown
        assert shown.startswith("ask j***@a***.com")
