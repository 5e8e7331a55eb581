"""Receipts, from the cell half that writes them to the course half that demands them."""

from __future__ import annotations

from nbformat.v4 import new_notebook

from notebooks import code
from rustcell.course.receipts import VARIABLE, first_unproved, never_built, read_receipts
from rustcell.notebook.receipts import VARIABLE as WRITTEN_BY
from rustcell.notebook.receipts import Receipt

RUST = "%%rust_module a\nfn f() {}"


def ran(source: str, count: int):
    cell = code(source)
    cell.execution_count = count
    return cell


def written(path, *receipts: Receipt):
    for receipt in receipts:
        receipt.append({WRITTEN_BY: str(path)})
    return read_receipts(path)


def test_both_halves_name_the_same_variable():
    assert VARIABLE == WRITTEN_BY


def test_a_receipt_says_what_became_of_the_cell(tmp_path):
    settled = Receipt("é\ud800")
    settled.settle("k1", {"/data.txt": "00"}, built=True)
    cached = Receipt(RUST)
    cached.settle("k2", {}, built=False)
    read = written(tmp_path / "r", settled, cached, Receipt(RUST))
    assert [(r.key, r.status) for r in read] == [
        ("k1", "built"),
        ("k2", "cache, verified"),
        ("", "refused"),
    ]
    assert read[0].files == {"/data.txt": "00"}
    assert read[1].cell == read[2].cell != read[0].cell


def test_without_the_variable_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Receipt(RUST).append({})
    assert list(tmp_path.iterdir()) == []


def test_every_run_of_a_rust_cell_needs_a_receipt_of_its_own(tmp_path):
    notebook = new_notebook(cells=[ran("1", 1), ran(RUST, 2), ran("2", 3), ran(RUST, 4)])
    path = tmp_path / "r"
    assert first_unproved(notebook, read_receipts(path)) == 2
    assert first_unproved(notebook, written(path, Receipt(RUST))) == 4
    assert first_unproved(notebook, written(path, Receipt(RUST))) is None


def test_a_cell_that_did_not_run_needs_none():
    assert first_unproved(new_notebook(cells=[code(RUST)]), []) is None


def test_papermills_own_cell_is_not_counted():
    injected = ran("n = 1", 1)
    injected.metadata["tags"] = ["injected-parameters"]
    assert first_unproved(new_notebook(cells=[injected, ran(RUST, 2)]), []) == 1


def test_a_torn_line_is_no_receipt(tmp_path):
    path = tmp_path / "r"
    written(path, Receipt(RUST))
    path.write_text(path.read_text() + '{"cell": "ab')
    assert len(read_receipts(path)) == 1


def test_what_the_cache_gave_must_have_been_built(tmp_path):
    built, again, foreign = Receipt("1"), Receipt("2"), Receipt("3")
    built.settle("k1", {}, built=True)
    again.settle("k1", {}, built=False)
    foreign.settle("k2", {}, built=False)
    assert never_built(written(tmp_path / "a", again, built)) == set()
    assert never_built(written(tmp_path / "b", built, foreign, Receipt("4"))) == {"k2"}
