"""From cargo's JSON to text: recorded messages, no compiler."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from rustcell.messages.diagnostics import (
    Diagnostic,
    Span,
    diff,
    from_message,
    render,
    suggestions,
    summary,
)
from rustcell.messages.reproducible import shortened, tidy

CELL = "%%rust_module geom"
REGISTRY = "/home/ada/.cargo/registry/src/an-index-1949cf8c6b5b557f/"


def span(line: int = 1, columns: tuple[int, int] = (1, 2), **changes: Any) -> dict[str, Any]:
    return {
        "file_name": CELL,
        "byte_start": 0,
        "byte_end": 1,
        "line_start": line,
        "line_end": line,
        "column_start": columns[0],
        "column_end": columns[1],
        "is_primary": True,
        "text": [],
        "label": None,
        "suggested_replacement": None,
        "suggestion_applicability": None,
        "expansion": None,
    } | changes


def suggested(
    text: str, line: int, columns: tuple[int, int], sure: str = "MachineApplicable"
) -> dict[str, Any]:
    return span(line, columns, suggested_replacement=text, suggestion_applicability=sure)


def message(text: str, **changes: Any) -> dict[str, Any]:
    return {
        "message": text,
        "code": None,
        "level": "error",
        "spans": [span()],
        "children": [],
        "rendered": f"\x1b[1m\x1b[91merror\x1b[0m\x1b[1m: {text}\x1b[0m\n --> {CELL}:1:1\n\n",
    } | changes


def read(text: str, **changes: Any) -> Diagnostic:
    found = from_message(message(text, **changes))
    assert found is not None
    return found


def coded(code: str, text: str = "x") -> Diagnostic:
    return read(text, code={"code": code, "explanation": "..."})


# reading


def test_a_line_of_cargo_is_unwrapped() -> None:
    inner = message("mismatched types", code={"code": "E0308", "explanation": None})
    found = from_message({"reason": "compiler-message", "message": inner})
    assert found is not None
    assert (found.level, found.code, found.message) == ("error", "E0308", "mismatched types")
    assert found.spans[0] == Span(CELL, 1, 1, 1, 2, True, "", None, None)


@pytest.mark.parametrize("reason", ["compiler-artifact", "build-script-executed", "build-finished"])
def test_other_reasons_are_no_diagnostics(reason: str) -> None:
    assert from_message({"reason": reason, "success": False}) is None


@pytest.mark.parametrize(
    "text",
    [
        "aborting due to 1 previous error",
        "aborting due to 2 previous errors; 1 warning emitted",
        "1 warning emitted",
        "12 warnings emitted",
        "For more information about this error, try `rustc --explain E0599`.",
        "Some errors have detailed explanations: E0277, E0308.",
    ],
)
def test_summing_up_is_dropped(text: str) -> None:
    assert from_message(message(text, level="failure-note")) is None


def test_a_crash_of_rustc_is_an_error() -> None:
    assert read("boom", level="error: internal compiler error").level == "error"


def test_json_round_trip() -> None:
    child = message("try this", level="help", rendered=None, spans=[suggested("_x", 1, (1, 2))])
    found = read("unused", children=[child])
    assert Diagnostic.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_a_place_in_a_macro_of_a_crate_is_told_as_its_use_in_the_cell() -> None:
    use = {"span": span(3, (10, 20)), "macro_decl_name": "wrap_pyfunction!"}
    inside = span(187, (14, 20), file_name=REGISTRY + "pyo3-0.30.1/src/macros.rs", expansion=use)
    (place,) = read("cannot find module", spans=[inside]).spans
    assert (place.file, place.line_start, place.column_start) == (CELL, 3, 10)
    assert place.in_cell


# the same text on every machine


@pytest.mark.parametrize(
    ("path", "short"),
    [
        (REGISTRY + "pyo3-0.30.1/src/marker.rs", "pyo3-0.30.1/src/marker.rs"),
        (
            (
                r"C:\Users\Ada L\.cargo\registry\src\an-index-1949cf8c6b5b557f"
                r"\pyo3-0.30.1\src\marker.rs"
            ),
            "pyo3-0.30.1/src/marker.rs",
        ),
        ("/rustc/" + "5" * 40 + "/library/core/src/option.rs", "core/src/option.rs"),
        ("/rustc/" + "5" * 40 + r"/library\core\src\option.rs", "core/src/option.rs"),
        (
            "/home/a/.rustup/toolchains/stable/lib/rustlib/src/rust/library/std/src/io/mod.rs",
            "std/src/io/mod.rs",
        ),
        ("/h/.cargo/git/checkouts/shapes-" + "a" * 16 + "/1b2c3d4/src/lib.rs", "shapes/src/lib.rs"),
        ("/c/target/debug/build/ser-1-" + "0" * 16 + "/out/private.rs", "ser-1/out/private.rs"),
        ("/c/target/debug/build/serde/" + "0" * 16 + "/out/p.rs", "serde/out/p.rs"),
        ("/class/vendor/pyo3-0.30.1/src/lib.rs", "pyo3-0.30.1/src/lib.rs"),
        (CELL, CELL),
        ("src/shapes.rs", "src/shapes.rs"),
        ("/home/ada/notes.rs", "/home/ada/notes.rs"),
    ],
)
def test_paths_lose_their_root(path: str, short: str) -> None:
    assert shortened(path) == short


def test_rendered_text_names_no_machine() -> None:
    arrow = "   \x1b[1m\x1b[94m--> \x1b[0m"
    rendered = f"error: x\n{arrow}{REGISTRY}pyo3-0.30.1/src/marker.rs:444:5\n"
    found = read("x", rendered=rendered)
    # The margin is drawn for the line numbers that are left: there are none.
    narrow = arrow.removeprefix("  ")
    assert found.rendered == f"error: x\n{narrow}pyo3-0.30.1/src/marker.rs:444:5\n"
    label = read("x", spans=[span(label=f"in `{{closure@{REGISTRY}pyo3-0.30.1/src/a.rs:1:2}}`")])
    assert label.spans[0].label == "in `{closure@pyo3-0.30.1/src/a.rs:1:2}`"


def test_the_learners_own_line_is_never_touched() -> None:
    line = '3 | let p = "/data/vendor/pyo3-0.30.1/x"; // and 5 others?'
    assert tidy(line).startswith('3 | let p = "/data/vendor/pyo3-0.30.1/x";')


def test_names_of_long_types_and_counts_are_dropped() -> None:
    text = (
        "note: a"
        "\n  = note: the full name for the type has been written to '/t/cell.long-type-1.txt'"
        "\n  = note: consider using `--verbose` to print the full type name to the console"
        "\n          and 148 others\n"
    )
    assert tidy(text) == "note: a\n          and others\n"


def test_the_linkers_command_line_is_dropped() -> None:
    text = (
        "error: linking with `cc` failed: exit status: 1\n  |\n"
        '  = note:  "cc" "-m64" "/tmp/rustcAbCdEf/symbols.o" "-o" "/c/debug/deps/libcell.so"\n'
        "  = note: some arguments are omitted. use `--verbose` to show all linker arguments\n"
        "  = note: rust-lld: error: unable to find library -lnosuch\n"
    )
    assert tidy(text) == (
        "error: linking with `cc` failed: exit status: 1\n  |\n"
        "  = note: rust-lld: error: unable to find library -lnosuch\n"
    )


# text and summary


def test_plain_has_no_escape_codes_and_rich_keeps_them() -> None:
    found = [coded("E0308")]
    assert "\x1b" in render(found, plain=False, cell_name=CELL)
    plain = render(found, plain=True, cell_name=CELL)
    assert plain == f"error: x\n --> {CELL}:1:1\n\nTo learn more: %rust_explain E0308\n"


def test_each_error_code_is_explained_once_and_lints_are_not() -> None:
    lint = read(
        "creating a shared reference", code={"code": "static_mut_refs", "explanation": None}
    )
    warned = read("y", level="warning", code={"code": "E0001", "explanation": None})
    text = render([coded("E0599"), coded("E0308"), coded("E0599"), lint, warned],
                  plain=True, cell_name=CELL)  # fmt: skip
    last = text.splitlines()[-1]
    assert last == "To learn more: %rust_explain E0599, %rust_explain E0308"
    assert "learn more" not in render([lint], plain=True, cell_name=CELL)
    assert render([], plain=True, cell_name=CELL) == ""


def test_the_file_name_of_a_build_without_remapping_becomes_the_cells() -> None:
    rendered = "error: x\n --> \x1b[0msrc/lib.rs:3:1\n ::: pyo3-macros-0.30.1/src/lib.rs:147:1\n"
    text = render([read("x", rendered=rendered)], plain=True, cell_name=CELL)
    assert f"--> {CELL}:3:1" in text
    assert "pyo3-macros-0.30.1/src/lib.rs:147:1" in text


def test_unicode_frames_become_ascii() -> None:
    rendered = (
        "error[E0308]: mismatched types\n  ╭▸ src/x.rs:1:66\n  │\n"
        '1 │ let x: i32 = "a";\n  │        ┬──   ━━━ expected `i32`\n  │        │\n'
        "  ╰╴       expected due to this\n"
    )
    text = render([read("x", rendered=rendered)], plain=True, cell_name=CELL)
    assert text.isascii()
    assert " --> src/x.rs:1:66\n  |\n" in text
    assert "  |        ---   ^^^ expected `i32`\n" in text


def test_what_the_learner_wrote_keeps_its_characters() -> None:
    rendered = 'error: x\n1 | print("│ é ━");\n'
    assert "│ é ━" in render([read("x", rendered=rendered)], plain=True, cell_name=CELL)


def test_summary() -> None:
    bare, warning = read("no code"), read("unused", level="warning")
    assert summary([]) == ""
    assert summary([warning]) == "1 warning"
    assert summary([warning, warning]) == "2 warnings"
    assert summary([coded("E0308"), coded("E0599"), coded("E0308")]) == "3 errors: E0308, E0599"
    assert summary([warning, coded("E0308")]) == "1 error: E0308"
    assert summary([bare]) == "1 error"
    assert summary([bare, coded("E0308"), bare]) == "3 errors: E0308, 2 without a code"


# suggestions

SOURCE = "use std::fmt;\nfn f(x: i32) {\n    g(1)\n}\n"


def helped(*spans: dict[str, Any]) -> Diagnostic:
    return read("x", children=[message("help", level="help", spans=list(spans), rendered=None)])


def test_parts_of_one_suggestion_belong_together() -> None:
    found = suggestions([helped(suggested("(", 3, (7, 7)), suggested(",)", 3, (8, 8)))])
    assert [len(suggestion.parts) for suggestion in found] == [2]


def test_suggestions_for_other_files_are_left_out() -> None:
    elsewhere = suggested("_x", 1, (1, 2)) | {"file_name": REGISTRY + "pyo3-0.30.1/src/lib.rs"}
    assert suggestions([helped(elsewhere)]) == ()
    assert suggestions([read("no help")]) == ()


def test_diff_applies_all_parts_and_several_suggestions() -> None:
    text = diff(
        SOURCE,
        [
            helped(suggested("(", 3, (7, 7)), suggested(",)", 3, (8, 8))),
            helped(suggested("_x", 2, (6, 7))),
            helped(suggested("", 1, (1, 14))),
        ],
    )
    changed = [line for line in text.splitlines()[2:] if line[0] in "+-"]
    assert changed == [
        "-use std::fmt;",
        "-fn f(x: i32) {",
        "-    g(1)",
        "+",
        "+fn f(_x: i32) {",
        "+    g((1,))",
    ]
    assert text.startswith("--- cell\n+++ cell (mended)\n@@ ")


def test_diff_leaves_guesses_and_second_thoughts_out() -> None:
    guess = helped(suggested("y", 2, (6, 7), "MaybeIncorrect"))
    first, second = helped(suggested("a", 2, (6, 7))), helped(suggested("b", 2, (6, 7)))
    assert diff(SOURCE, [guess]) == ""
    assert "fn f(a: i32)" in diff(SOURCE, [first, second])
    assert "b: i32" not in diff(SOURCE, [first, second])


def test_spans_outside_the_source_are_clamped() -> None:
    far = helped(suggested("!", 99, (50, 60)))
    assert "+}!" in diff(SOURCE, [far])
    wide = helped(suggested("!", 1, (14, 99)))
    assert "+use std::fmt;!" in diff(SOURCE, [wide])
    reversed_ = replace(far.children[0].spans[0], line_start=3, line_end=1, column_end=0)
    turned = replace(far, children=(replace(far.children[0], spans=(reversed_,)),))
    assert diff(SOURCE, [turned])


def test_windows_line_ends_and_odd_separators_keep_rustcs_line_numbers() -> None:
    source = 'let s = "a\u2028b";\r\nlet x = 1;\r\n'
    assert "+let _x = 1;" in diff(source, [helped(suggested("_x", 2, (5, 6)))])


def test_notes_that_need_the_librarys_sources_are_left_out_and_the_margin_with_them() -> None:
    without = (
        "error[E0382]: borrow of moved value: `titles`\n"
        " --> %%rust_module shelf:8:5\n"
        "  |\n"
        "7 |     drop(titles);\n"
        "  |          ------ value moved here\n"
        "  |\n"
        "  = note: borrow occurs due to deref coercion to `[String]`\n"
    )
    with_sources = (
        "error[E0382]: borrow of moved value: `titles`\n"
        "    --> %%rust_module shelf:8:5\n"
        "     |\n"
        "   7 |     drop(titles);\n"
        "     |          ------ value moved here\n"
        "     |\n"
        "     = note: borrow occurs due to deref coercion to `[String]`\n"
        "note: deref defined here\n"
        "    --> /home/ada/.rustup/toolchains/stable/lib/rustlib/src/rust/library/"
        "alloc/src/vec/mod.rs:3725:5\n"
        "     |\n"
        "3725 |     type Target = [T];\n"
        "     |     ^^^^^^^^^^^\n"
    )
    assert read("x", rendered=with_sources).rendered == read("x", rendered=without).rendered
    assert read("x", rendered=without).rendered == without
