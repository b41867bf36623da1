"""CSV and TSV: no row is lost, every bad row is put aside with its line, and cells come back as they were."""

from __future__ import annotations

import csv
import io

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.data.store import Store
from curate.errors import InputError, QuarantineExceeded
from curate.io import load
from curate.io.delimited import Delimited
from curate.io.files import file_of
from curate.io.spool import Spool


def aside(corpus):
    return [(row["line"], row["cause"]) for row in corpus.quarantine.to_pylist()]


def test_nulls_and_empty_texts_are_apart(load_bytes):
    corpus = load_bytes("x.csv", b'text,label\n,1\n"",2\n')
    assert corpus.table().to_pydict() == {"text": [None, ""], "label": [1, 2]}


def test_a_single_column_keeps_its_empty_lines(load_bytes):
    assert load_bytes("x.csv", b'text\na\n\n""\nb\n').texts() == ["a", "", "", "b"]
    assert load_bytes("y.csv", b"text\r\n\r\n").table().to_pydict() == {"text": [None]}


def test_line_ends_may_be_mixed_and_the_last_may_be_missing(load_bytes):
    corpus = load_bytes("x.csv", b'text,n\r\na,1\rb,2\n\n"c\r\nc",3')
    assert corpus.table().to_pydict() == {"text": ["a", "b", "c\r\nc"], "n": [1, 2, 3]}


def test_a_wrong_count_of_cells_costs_one_row(load_bytes):
    corpus = load_bytes("x.csv", b'text,n\na,1\n"two\nlines",2\nb\nc,3,4\nd,5\n', max_quarantine=1)
    assert corpus.texts() == ["a", "two\nlines", "d"]
    assert aside(corpus) == [(5, "1 cell where 2 are expected"), (6, "3 cells where 2 are expected")]
    assert corpus.quarantine.column("raw").to_pylist() == ["b", "c,3,4"]
    assert corpus.row_ids().tolist() == [0, 1, 2]


@pytest.mark.parametrize("stray", [b'"b,2', b'"b"x,2', b'"b,2"', b'"b"",2'])
def test_a_stray_quote_costs_one_line_and_not_those_after_it(load_bytes, stray):
    corpus = load_bytes("x.csv", b"text,n\na,1\n" + stray + b'\nc,3\n"d, d",4\ne,5\n', max_quarantine=1)
    assert corpus.texts() == ["a", "c", "d, d", "e"]
    assert [line for line, _ in aside(corpus)] == [3]


def test_many_unclosed_quotes_far_apart(load_bytes):
    rows = [f'"{n},x' if n % 100 == 50 else f"{n},y" for n in range(2000)]
    corpus = load_bytes("x.csv", ("n,text\n" + "\n".join(rows)).encode())
    assert len(corpus) == 1980
    assert [line for line, _ in aside(corpus)] == [n + 2 for n in range(2000) if n % 100 == 50]


def test_a_quote_inside_an_unquoted_cell_is_a_character(load_bytes):
    assert load_bytes("x.csv", b'text,n\na "b" c,1\n').texts() == ['a "b" c']


def test_a_row_that_is_not_utf8_goes_to_quarantine(load_bytes):
    corpus = load_bytes("x.csv", b'text,n\n"a\n",1\n\nb\xff,2\nc,3\n', max_quarantine=1)
    assert corpus.texts() == ["a\n", "c"]
    assert aside(corpus) == [(5, "not valid UTF-8")]
    assert corpus.quarantine.column("raw").to_pylist() == ["b\\xff,2"]


def test_types_are_told_from_the_whole_file(load_bytes):
    body = b"".join(b"%d,%d\n" % (n, n) for n in range(50_000)) + b"1,007\n"
    assert [str(kind) for kind in load_bytes("x.csv", b"a,b\n" + body).schema.types] == ["int64", "string"]


def test_quoted_numbers_are_text_only_where_quotes_tell(load_bytes):
    told = load_bytes("x.csv", b'zip,n\n"12345",1\n"54321",2\n')
    assert [str(kind) for kind in told.schema.types] == ["string", "int64"]
    all_quoted = load_bytes("y.csv", b'"zip","n"\n"12345","1"\n')
    assert [str(kind) for kind in all_quoted.schema.types] == ["int64", "int64"]


def test_columns_are_given_for_a_file_without_a_header(load_bytes):
    corpus = load_bytes("x.tsv", b"a\t1\nb\t2\n", columns=["text", "label"])
    assert corpus.table().to_pydict() == {"text": ["a", "b"], "label": [1, 2]}
    with pytest.raises(QuarantineExceeded, match="2 cells where 3 are expected"):
        load_bytes("x.tsv", b"a\t1\nb\t2\n", columns=["text", "label", "more"])


def test_names_are_kept_as_they_are(load_bytes):
    assert load_bytes("x.csv", '"a ""b""",, ü\n1,2,3\n'.encode()).column_names == ['a "b"', "", " ü"]


def test_two_columns_of_one_name_are_an_error(load_bytes):
    with pytest.raises(InputError, match="two columns called 'a'"):
        load_bytes("x.csv", b"a,b,a\n1,2,3\n")


def test_a_header_that_cannot_be_read_is_an_error(load_bytes):
    with pytest.raises(InputError, match="quote that does not close"):
        load_bytes("x.csv", b'"a,b\n1,2\n')
    with pytest.raises(InputError, match="not valid UTF-8"):
        load_bytes("x.csv", b"a\xff,b\n1,2\n")
    with pytest.raises(InputError, match="UTF-16"):
        load_bytes("x.csv", "a,b\n1,2\n".encode("utf-16"))


def test_files_of_a_glob_have_one_header(tmp_path):
    for name, data in {"a.csv": "x,y\n1,a\n", "b.csv": "x,y\n0.5,b\n"}.items():
        (tmp_path / name).write_text(data)
    assert load(str(tmp_path / "*.csv")).table().to_pydict() == {"x": [1.0, 0.5], "y": ["a", "b"]}
    (tmp_path / "c.csv").write_text("x,z\n1,a\n")
    with pytest.raises(InputError, match=r"c.csv has the columns x, z"):
        load(str(tmp_path / "*.csv"))


@pytest.mark.parametrize(
    ("data", "texts"),
    [
        (b'text\tn\n"a" b\t1\nc "d\t2\n"e\t3\n', ['"a" b', 'c "d', '"e']),
        (b'text\tn\n"a"\t1\n"say ""b"""\t2\n', ["a", 'say "b"']),
        (b'text\tn\n"a\tb"\t1\n"c\nd"\t2\n', ["a\tb", "c\nd"]),
        (b'text\tn\n"a\t1\nb"\t2\n', ['"a', 'b"']),
        (b'"text"\t"n"\n"a\nb"\t1\n', ["a\nb"]),
    ],
)
def test_quotes_of_a_tsv_quote_only_where_all_close(load_bytes, data, texts):
    assert load_bytes("x.tsv", data).texts() == texts


def test_a_cell_of_ten_megabytes(load_bytes):
    corpus = load_bytes("x.csv", b'text,n\na,1\n"' + b"x\n" * 5_000_000 + b'",2\nb,3\n')
    assert [len(text) for text in corpus.texts()] == [1, 10_000_000, 1]


cells = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6), st.sampled_from(['"', ",", "\r\n", "\r", 'a,"b"'])
)


def read_in_blocks(path, n_bytes):
    reader = Delimited(b",", block_bytes=n_bytes)
    with Spool(Store(path.parent)) as spool:
        reader.read(file_of(path), spool)
        return spool.finish(reader.schema())


@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=12), st.integers(1, 30))
def test_what_pythons_csv_writes_is_read_as_it_was(tmp_path_factory, rows, n_bytes):
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(["a", "b"])
    writer.writerows(rows)
    path = tmp_path_factory.mktemp("x") / "x.csv"
    path.write_bytes(text.getvalue().encode())
    table = read_in_blocks(path, n_bytes).rows.table
    for at, name in enumerate("ab"):
        texts = pa.array([row[at] for row in rows])
        assert table.column(name).combine_chunks().equals(texts.cast(table.schema.field(name).type))


@given(st.binary(max_size=100).map(lambda data: data + b"\nx,y"), st.integers(1, 16))
def test_any_bytes_give_the_same_rows_whatever_the_block(tmp_path_factory, data, n_bytes):
    path = tmp_path_factory.mktemp("x") / "x.csv"
    path.write_bytes(b"a,b\n" + data)
    whole, parts = read_in_blocks(path, 1 << 20), read_in_blocks(path, n_bytes)
    assert parts.fingerprint == whole.fingerprint
    assert parts.quarantine.equals(whole.quarantine)
    assert "x" in whole.rows.table.column("a").to_pylist() or b'"' in data
