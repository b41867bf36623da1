"""Encrypted Parquet: nothing can be read without the key, all with it, and no key is left anywhere."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow.parquet import encryption

from curate import Corpus, EncryptionKey, Recipe, Roles, load, save, save_curated
from curate.core.step import step
from curate.data.store import Store
from curate.errors import CurateError, InputError
from curate.io.encryption import WrongKey, private_store
from curate.io.outcome import Outcome

SECRET = "the patient of room seven"
KEY = bytes(range(32))


@pytest.fixture
def key() -> EncryptionKey:
    return EncryptionKey(KEY)


def rows() -> Corpus:
    table = pa.table(
        {
            "diagnosis": [f"{SECRET}  {number // 2}" for number in range(40)],
            "label": ["confidential", None] * 20,
            "messages": [[{"role": "user", "content": f"{SECRET} said {number}"}] for number in range(40)],
        }
    )
    return Corpus.from_table(table, Roles(text="diagnosis", label="label")).with_held_out(test=Corpus.from_table(table))


def fails(row: dict[str, Any]) -> dict[str, Any]:
    if row["diagnosis"].endswith(" 7"):
        raise ValueError(f"cannot read {row['diagnosis']}")
    return {}


def every_byte(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def ours(secret: bytes) -> type[encryption.KmsClient]:
    """The key service of the guide, written again from its words."""

    def part(what: bytes) -> bytes:
        return hmac.digest(secret, b"curate/1 " + what, hashlib.sha256)

    class Kms(encryption.KmsClient):
        def wrap_key(self, key_bytes: bytes, master_key_identifier: str) -> bytes:
            raise NotImplementedError

        def unwrap_key(self, wrapped_key: bytes, master_key_identifier: str) -> bytes:
            closed = base64.b64decode(wrapped_key)
            nonce, body, tag = closed[:32], closed[32:-32], closed[-32:]
            assert hmac.compare_digest(tag, hmac.digest(part(b"tag"), nonce + body, hashlib.sha256))
            pad = hmac.digest(part(b"pad"), nonce + b"\0", hashlib.sha256)
            return bytes(a ^ b for a, b in zip(body, pad, strict=False))

    return Kms


def test_what_a_run_leaves_holds_no_plain_text_and_comes_back_with_the_key(tmp_path: Path, key: EncryptionKey) -> None:
    recipe = Recipe(["clean.whitespace", step(fails, name="fails", version="1"), "dedup.exact"], max_quarantine=1)
    curated = recipe.run(rows())
    assert curated.quarantine.num_rows == 2
    out = save_curated(curated, tmp_path / "out", key=key)
    written = every_byte(out)
    for word in (
        SECRET.encode(),
        b"patient",
        b"confidential",
        b"said 3",
        KEY,
        KEY.hex().encode(),
        base64.b64encode(KEY),
    ):
        assert word not in written
    assert {path.name for path in out.iterdir()} >= {"lineage.parquet", "quarantine.parquet", "row_ids.parquet"}
    assert all(path.read_bytes()[:4] == b"PARE" for path in out.glob("*.parquet"))
    assert json.loads((out / "run.json").read_text())["quarantine"]["causes"] == {"ValueError": 2}
    back = load(out, key=key)
    assert back.table().equals(curated.corpus.table())
    assert back.held_out["test"].table().equals(curated.corpus.held_out["test"].table())
    outcome = Outcome(out, key=key)
    assert outcome.life(1).events[-1].before == f"{SECRET} 0"
    assert SECRET in str(outcome.life(14).raw)


def test_another_reader_opens_it_with_the_same_key_service(tmp_path: Path, key: EncryptionKey) -> None:
    path = save(rows(), tmp_path / "rows.parquet", key=key)
    factory = encryption.CryptoFactory(lambda _: ours(KEY)())
    properties = factory.file_decryption_properties(encryption.KmsConnectionConfig())
    assert pq.read_table(path, decryption_properties=properties).equals(rows().table())
    with pytest.raises(OSError, match="encrypted"):
        pq.read_table(path)


def test_every_file_has_a_data_key_of_its_own(tmp_path: Path, key: EncryptionKey) -> None:
    one, two = (save(rows(), tmp_path / name, key=key).read_bytes() for name in ("a.parquet", "b.parquet"))
    assert len(one) == pytest.approx(len(two), abs=200)
    same = sum(a == b for a, b in zip(one, two, strict=False))
    assert same < 0.2 * len(one)


def test_a_damaged_file_is_noticed_wherever_it_is_damaged(tmp_path: Path, key: EncryptionKey) -> None:
    path = save(rows(), tmp_path / "rows.parquet", key=key)
    whole, noticed = path.read_bytes(), 0
    damaged = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(0, len(whole), 13)]
    damaged += [whole[:at] for at in (5, 40, len(whole) // 2, len(whole) - 1)]
    for content in damaged:
        path.write_bytes(content)
        try:
            assert load(path, key=key).table().equals(rows().table()), "but for names, which nothing hangs on"
        except InputError as error:
            assert re.search(r"damaged|does not open|not a whole", str(error))  # noqa: PT017
            noticed += 1
    assert noticed > 0.9 * len(damaged)


def test_without_the_key_and_with_another_one_line_says_what_to_do(tmp_path: Path, key: EncryptionKey) -> None:
    path = save(rows(), tmp_path / "rows.parquet", key=key)
    out = save_curated(Recipe(["dedup.exact"]).run(rows()), tmp_path / "out", key=key)
    other = EncryptionKey(KEY[::-1])

    def opened(wrong: EncryptionKey | None) -> Iterator[Callable[[], object]]:
        yield lambda: load(path, key=wrong)
        yield lambda: load(out, key=wrong)
        yield lambda: Outcome(out, key=wrong).life(0)

    for wrong, said in ((None, r"is encrypted.*--key-file"), (other, r"does not open it.*written with")):
        for read in opened(wrong):
            with pytest.raises(InputError, match=said) as caught:
                read()
            assert "\n" not in str(caught.value)
            assert KEY.hex() not in str(caught.value)


def test_a_cache_that_knows_the_rows_opens_them_for_nobody_without_the_key(tmp_path: Path, key: EncryptionKey) -> None:
    table = pa.table({"text": [f"{SECRET} {number}" * 40 for number in range(12_000)]})
    path = save(Corpus.from_table(table), tmp_path / "rows.parquet", key=key)
    store = Store(tmp_path / "store")
    assert load(path, key=key, store=store).table().equals(table)
    for wrong in (None, EncryptionKey(KEY[::-1])):
        with pytest.raises(InputError):
            load(path, key=wrong, store=store)
    assert load(path, key=key).table().equals(table)
    place = private_store().root
    assert any(place.rglob("rows.arrow"))
    assert place.stat().st_mode & 0o077 == 0, "nobody else can look into it"


def test_a_private_folder_is_gone_with_its_process(tmp_path: Path, key: EncryptionKey) -> None:
    table = pa.table({"text": [f"{SECRET} {number}" * 40 for number in range(12_000)]})
    path = save(Corpus.from_table(table), tmp_path / "rows.parquet", key=key)
    said = "import sys; from curate import EncryptionKey, load; key = EncryptionKey.of_text(sys.stdin.read())\n"
    said += f"load({str(path)!r}, key=key); from curate.io.encryption import private_store; print(private_store().root)"
    environment = {**os.environ, "TMPDIR": str(tmp_path / "t"), "CURATE_CACHE": str(tmp_path / "cache")}
    (tmp_path / "t").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", said], input=KEY.hex(), capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout.startswith(str(tmp_path / "t"))
    assert not list((tmp_path / "t").iterdir())
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.csv", "rows.arrow", "folder"])
def test_what_would_not_be_encrypted_is_refused(tmp_path: Path, key: EncryptionKey, name: str) -> None:
    with pytest.raises(InputError, match="would not be encrypted"):
        save(rows(), tmp_path / name, key=key)
    if name != "folder":
        with pytest.raises(InputError, match="would not be encrypted"):
            save_curated(Recipe(["dedup.exact"]).run(rows()), tmp_path / name, key=key)
    assert not list(tmp_path.iterdir())


def test_a_key_is_read_in_digits_or_base64_and_shown_nowhere(tmp_path: Path) -> None:
    key = EncryptionKey.of_text(f" {KEY.hex()}\n")
    assert key == EncryptionKey.of_text(base64.b64encode(KEY).decode()) == EncryptionKey(KEY)
    assert repr(key) == str(key) == "EncryptionKey(256 bits)"
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(key)
    (tmp_path / "key").write_bytes(KEY[::-1])
    for given_key, said in (("zz", "neither"), ("00" * 5, "is of 5 bytes"), ("", "is of 0 bytes")):
        with pytest.raises(InputError, match=said):
            EncryptionKey.of_text(given_key)
    with pytest.raises(InputError, match=r"the key file .* is neither"):
        EncryptionKey.of_file(tmp_path / "key")
    with pytest.raises(InputError, match="cannot read"):
        EncryptionKey.of_file(tmp_path / "no key")


@settings(max_examples=60)
@given(secret=st.binary(max_size=80), at=st.integers(0, 10_000), master=st.sampled_from([16, 24, 32]))
def test_a_wrapped_key_comes_back_only_whole_and_with_its_key(secret: bytes, at: int, master: int) -> None:
    key = EncryptionKey(KEY[:master])
    closed = key.wrap(secret)
    assert key.unwrap(closed) == secret
    assert len(secret) < 8 or secret not in closed
    damaged = bytearray(closed)
    damaged[at % len(closed)] ^= 1 + at % 255
    for wrong, other in ((bytes(damaged), key), (closed, EncryptionKey(KEY[::-1])), (closed[:40], key), (b"", key)):
        with pytest.raises(WrongKey):
            other.unwrap(wrong)
    assert issubclass(WrongKey, CurateError)
