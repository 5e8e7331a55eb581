"""What a body declares, and the text of the module that is generated for it."""

from __future__ import annotations

import time

import pytest

from rustcell.crates.source import Export, Module, generated_module, parse


def modules(text: str) -> list[str]:
    return [module.name for module in parse(text).modules]


def exports(text: str) -> list[tuple[str, str]]:
    return [(export.kind, export.ident) for export in parse(text).exports]


def cfgs(text: str) -> list[tuple[str, ...]]:
    return [export.cfg for export in parse(text).exports]


def qualified(text: str) -> list[str]:
    return [item.qualified for item in parse(text).items]


# modules


@pytest.mark.parametrize(
    "text",
    [
        "#[pymodule] mod geometry {}",
        "#[pyo3::pymodule] mod geometry {}",
        "#[::pyo3::prelude::pymodule] pub(crate) mod geometry {}",
        "#[pymodule] fn geometry(m: &Bound<'_, PyModule>) -> PyResult<()> { Ok(()) }",
        "#[pymodule] pub fn geometry() {}",
        "#[pymodule(gil_used = false)] mod geometry {}",
        '#[pymodule(name = "geometry")] mod other {}',
        '#[pymodule(gil_used = true, name="geometry",)] mod other {}',
        '#[pymodule] #[pyo3(name = "geometry")] mod other {}',
        '#[pyo3(name = "geometry")] #[pymodule] fn other() {}',
        '#[pymodule(name = r"geometry")] mod other {}',
        '#[pymodule(/* not "x" */ name = /* here */ "geometry")] mod other {}',
        "#[pymodule]\n// a comment\n#[allow(dead_code)] /* and */\n/// Docs.\nmod geometry {}",
        "/// Docs.\n#[cfg(unix)]\n#[pymodule]\nmod geometry {}",
        "#[cfg_attr(unix, pymodule)] mod geometry {}",
    ],
)
def test_a_root_module_is_found_by_its_python_name(text: str) -> None:
    assert modules(text) == ["geometry"]


@pytest.mark.parametrize(
    "text",
    [
        "mod geometry {}",
        "#[pymodule(submodule)] mod geometry {}",
        "#[pymodule] #[pyo3(submodule)] mod geometry {}",
        "mod outer { #[pymodule] mod geometry {} }",
        "fn outer() { #[pymodule] fn geometry() {} }",
        "// #[pymodule]\nmod geometry {}",
        "/// #[pymodule]\n/// mod geometry {}\nfn f() {}",
        "//! #[pymodule] mod geometry {}\n",
        "/* #[pymodule] mod a {} /* nested */ #[pymodule] mod geometry {} */",
        'const S: &str = "#[pymodule] mod geometry {}";',
        'const S: &str = r##"\n"#[pymodule]\nmod geometry {}\n"##;',
        "macro_rules! m { () => { #[pymodule] mod geometry {} } }",
        "m! { #[pymodule] mod geometry {} }",
        '#[doc = "#[pymodule]"] mod geometry {}',
        "#[pymodule] struct S;\nmod geometry {}",
    ],
)
def test_what_only_looks_like_a_root_module_is_none(text: str) -> None:
    assert modules(text) == []


def test_a_nested_module_is_no_root() -> None:
    assert modules("#[pymodule] mod outer { #[pymodule] mod inner {} }") == ["outer"]


def test_raw_identifiers_lose_their_prefix_in_python() -> None:
    assert modules("#[pymodule] mod r#match {}") == ["match"]


def test_a_module_knows_its_line_and_style() -> None:
    text = "\n#[pymodule]\nmod a {}\n\n#[pymodule]\n\nfn\nb() {}"
    assert parse(text).modules == (Module("a", 3, "mod"), Module("b", 8, "fn"))


# exports


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("#[pyfunction] fn f() {}", ("function", "f")),
        ("#[pyo3::pyfunction] pub fn f() {}", ("function", "f")),
        ('#[::pyo3::prelude::pyfunction(name = "g")] fn f() {}', ("function", "f")),
        ("#[pyfunction] async fn f() {}", ("function", "f")),
        ("#[pyfunction] fn f<T>(x: T) {}", ("function", "f")),
        ("#[pyfunction]\n#[pyo3(signature = (a, /, *b, c = ']', **d))]\nfn f() {}",
         ("function", "f")),
        ("#[allow(x)] // c\n#[pyfunction]\n/// d\nfn f() {}", ("function", "f")),
        ("#[pyfunction] fn r#struct() {}", ("function", "r#struct")),
        ("#[pyfunction] fn größe() {}", ("function", "größe")),
        ("\t#[pyfunction]\r\n\tfn f() {}\r\n", ("function", "f")),
        ("#[pyclass] struct A;", ("class", "A")),
        ("#[derive(Clone)] #[pyclass(eq, frozen)] pub struct A { x: i32 }", ("class", "A")),
        ("#[pyclass] enum A { B, C }", ("class", "A")),
        ("create_exception!(m, A, PyException);", ("exception", "A")),
        ('pyo3::create_exception!(m, A, PyException, "A, B");', ("exception", "A")),
        ("::pyo3::create_exception![a::b, r#A, x::Y<u8>];", ("exception", "r#A")),
        ("create_exception! { m, /* c */ A, PyException }", ("exception", "A")),
    ],
)  # fmt: skip
def test_an_export_is_found(text: str, found: tuple[str, str]) -> None:
    assert exports(text) == [found]


@pytest.mark.parametrize(
    "text",
    [
        "fn f() {}",
        "mod inner { #[pyfunction] fn f() {} }",
        "fn g() { #[pyfunction] fn f() {} }",
        "// #[pyfunction]\nfn f() {}",
        "#[pyfunction] struct A;",
        "#[pyclass] fn f() {}",
        "#[pyclass] union A { x: i32 }",
        "#[pymethods] impl A { #[pyfunction] fn f() {} }",
        "#[allow(pyfunction)] fn f() {}",
        '#[doc = "pyclass"] struct A;',
        "#[pyfunctions] fn f() {}",
        "import_exception!(socket, herror);",
        "create_exception!();",
        "create_exception!(m, A);",
        "create_exception!(m, a::B, C);",
        "fn f() { create_exception!(m, A, PyException); }",
        "macro_rules! e { () => { create_exception!(m, A, PyException); } }",
        'const S: &str = "create_exception!(m, A, PyException);";',
        "#[pyfunction]\nconst X: i32 = 1;\nfn f() {}",
    ],
)
def test_what_is_not_exported(text: str) -> None:
    assert exports(text) == []


def test_exports_keep_their_order_and_lines() -> None:
    text = "#[pyfunction]\nfn b() {}\n\n#[pyclass]\nstruct A;\ncreate_exception!(\n  m,\n  E, X);"
    assert parse(text).exports == (
        Export("b", "function", 2, ()),
        Export("A", "class", 5, ()),
        Export("E", "exception", 8, ()),
    )


def test_cfg_goes_with_the_export() -> None:
    text = """
    #[cfg(unix)] #[pyfunction] #[cfg(not(feature = "x"))] fn f() {}
    #[cfg(windows)] create_exception!(m, E, X);
    #[cfg(any(unix, // c
      windows))] #[pyclass] struct A;
    """
    assert cfgs(text) == [
        ("#[cfg(unix)]", '#[cfg(not(feature = "x"))]'),
        ("#[cfg(windows)]",),
        ("#[cfg(any(unix, // c\n      windows))]",),
    ]


def test_cfg_attr_is_a_condition_of_the_export() -> None:
    text = """
    #[cfg_attr(unix, allow(x), pyo3::pyclass(name = "Q"), derive(Clone))] struct A;
    #[cfg_attr(a = "b", cfg_attr(c, pyfunction))] fn f() {}
    #[cfg_attr(unix, pyfunction)] #[cfg_attr(windows, pyfunction)] fn g() {}
    #[cfg_attr(unix, pyo3(name = "h"))] #[pyfunction] fn h() {}
    #[cfg_attr(unix, cfg(b))] #[pyfunction] fn i() {}
    #[cfg_attr(unix, inline)] fn j() {}
    """
    assert cfgs(text) == [
        ("#[cfg(unix)]",),
        ('#[cfg(all(a = "b", c))]',),
        ("#[cfg(any(unix, windows))]",),
        (),
        ("#[cfg(any(not(unix), b))]",),
    ]


# items


def test_items_are_named_as_python_reaches_them() -> None:
    text = """
    fn helper() {}
    #[pyfunction(name = "fast")] fn slow() {}
    #[pymethods] impl Circle {
        #[new] fn make() -> Self {}
        fn area(&self) {}
        #[getter] fn get_radius(&self) {}
        #[setter] fn set_radius(&mut self) {}
        #[getter(d)] fn diameter(&self) {}
        #[pyo3(name = "r#in")] fn within(&self) {}
        const X: i32 = 1;
    }
    #[pyclass] #[pyo3(name = "Round")] struct Circle;
    impl<T> fmt::Debug for &'_ shapes::Wheel<T> { fn fmt(&self) {} }
    enum Kind { A }
    trait Shape { fn area(&self); fn twice(&self) {} }
    mod inner { pub struct Deep; impl Deep { fn r#in(&self) {} } mod more { fn f() {} } }
    """
    assert qualified(text) == [
        "helper",
        "fast",
        "Round.__new__",
        "Round.area",
        "Round.radius",
        "Round.radius",
        "Round.d",
        "Round.r#in",
        "Round",
        "Wheel.fmt",
        "Kind",
        "Shape.twice",
        "inner.Deep",
        "inner.Deep.in",
        "inner.more.f",
    ]


def test_the_root_module_is_not_part_of_the_path() -> None:
    text = """#[pymodule] mod root {
        #[pyfunction] fn f() {}
        #[pymodule] mod sub { #[pyclass] struct A; #[pymodule] mod deep { fn g() {} } }
        #[pymodule(name = "other")] mod renamed { fn h() {} }
    }"""
    assert qualified(text) == ["f", "sub.A", "sub.deep.g", "other.h"]


def test_an_item_begins_with_its_docs_and_attributes() -> None:
    text = "// plain\n/// Docs.\n#[pyfunction]\n// c\nfn f() {\n}\n\nstruct A;\n"
    assert [(i.name, i.kind, i.first_line, i.last_line) for i in parse(text).items] == [
        ("f", "function", 2, 6),
        ("A", "struct", 8, 8),
    ]


def test_identifiers_come_from_everywhere_but_comments_and_strings() -> None:
    text = 'fn f(größe: i32) { let p = P { x, y: 1 }; m!(in_macro); p.field; "text"; } // note'
    assert parse(text).identifiers == {
        "f", "größe", "p", "P", "x", "y", "m", "in_macro", "field",
    }  # fmt: skip


# texts as they come


@pytest.mark.parametrize(
    "head",
    [
        "\ufeff",
        "#!/usr/bin/env rustx\n",
        "\ufeff#!/usr/bin/env rustx\r\n",
        '#![allow(dead_code)]\n#![doc = "x"]\n',
        "#! [allow(dead_code)]\n",
        "//! Docs.\n",
        "\n\n\t\n",
        "// größe ✓ 🦀\n",
    ],
)
def test_any_head_is_accepted(head: str) -> None:
    source = parse(head + "#[pyfunction]\nfn f() {}\n")
    (export,) = source.exports
    assert (export.ident, export.line) == ("f", head.count("\n") + 2)
    assert not source.broken


def test_the_leading_docs_are_the_modules() -> None:
    text = '#![allow(x)]\n//! One.\r\n//!\n// no\n//!   "Two"\nfn f() {\n    //! not this\n}\n'
    assert parse(text).doc == (" One.", "", '   "Two"')


@pytest.mark.parametrize("text", ["", "\n", "// only a comment", "#![allow(x)]"])
def test_an_empty_text_is_fine(text: str) -> None:
    source = parse(text)
    assert (source.modules, source.exports, source.items) == ((), (), ())
    assert not source.broken
    assert not source.open_end


@pytest.mark.parametrize(
    "text",
    [
        "fn f() { let x = ; }",
        "func f() {}\n",
        "fn f() { x( }",
        "fn f() { g(1, 2 }",
        "fn 1f() {}",
    ],
)
def test_behind_an_error_the_exports_are_still_found(text: str) -> None:
    source = parse(f"#[pyfunction] fn a() {{}}\n{text}\n#[pyfunction] fn b() {{}}")
    assert [export.ident for export in source.exports] == ["a", "b"]
    assert (source.broken, source.error_line, source.open_end) == (True, 2, False)


def test_a_forgotten_brace_does_not_swallow_what_follows() -> None:
    source = parse("fn f() { let x = 1;\n#[pyfunction] fn g() {}\n#[pymodule] mod a {}")
    assert [export.ident for export in source.exports] == ["g"]
    assert source.error_line == 1
    assert [module.name for module in source.modules] == ["a"]
    assert source.open_end


@pytest.mark.parametrize(
    "text",
    [
        "fn f() {",
        "mod a { fn g() {}",
        "mod a { fn g() {} // }",
        "fn f() -> ",
        "fn f(",
        "fn f( { }",
        'fn f() { let s = "abc; }',
        'fn f() { b"abc }',
        'fn f() { r#"abc"; }',
        "/* comment",
        "struct A // note",
        "use x",
        "m!(",
        "macro_rules! m {",
        "#[pyfunction]",
        "#[pyfunction]\n// note\n",
        "/// Docs of nothing.",
        "#[",
    ],
)
def test_an_open_end_is_seen(text: str) -> None:
    source = parse(f"#[pyfunction] fn a() {{}}\n{text}")
    assert (source.broken, source.error_line, source.open_end) == (True, 2, True)


@pytest.mark.parametrize(
    "text", ["\0", "\ud800", "#[]", "#[cfg_attr()]", "}", "#[pymodule(name=)]"]
)
def test_nonsense_is_only_broken(text: str) -> None:
    source = parse(text + " mod a {} #[cfg_attr(,)] #[getter()] fn f() {}")
    assert source.items
    assert source.exports == ()


def test_deep_nesting_is_no_problem() -> None:
    assert qualified("mod a {" * 2000 + "fn f() {}" + "}" * 2000) == ["a." * 2000 + "f"]
    assert parse("(" * 100_000).broken


def test_a_long_body_is_quick() -> None:
    body = "    let x = vec![1, 2, 3].iter().map(|v| v * 2).sum::<i64>(); // add them up\n" * 10
    count = 1300
    text = "".join(f"#[pyfunction]\nfn f{n}() {{\n{body}}}\n" for n in range(count))
    assert len(text) > 1_000_000

    def seconds() -> float:
        start = time.process_time()
        assert len(parse(text).exports) == count
        return time.process_time() - start

    assert min(seconds() for _ in range(3)) < 0.5


# the generated module


def test_the_generated_module_is_what_its_text_says() -> None:
    text = '//! Say "hi".\n#[cfg(unix)]\n#[pyfunction]\nfn r#in() {}\n'
    source = parse(text)
    assert generated_module("geometry", source.exports, source.doc) == (
        '\n#[::pyo3::pymodule(name = "geometry")]\n'
        '#[doc = " Say \\"hi\\"."]\n'
        "mod __rustcell_module {\n"
        "    #[cfg(unix)]\n"
        "    #[pymodule_export]\n"
        "    use super::r#in;\n"
        "}\n"
    )


def test_a_body_with_its_generated_module_has_one_root() -> None:
    # No line end: what is appended must not become part of a comment.
    text = "#[pyclass] struct A;\n#[pyfunction] fn f() {} // last"
    source = parse(text)
    whole = parse(text + generated_module("a1", source.exports, source.doc))
    assert not whole.broken
    assert [module.name for module in whole.modules] == ["a1"]
    assert whole.exports == source.exports


def test_one_name_is_used_once() -> None:
    both = [Export("A", "class", 1, ()), Export("A", "function", 2, ())]
    assert generated_module("m", both).count("use super::A;") == 1


def test_classes_alone_need_an_initialiser() -> None:
    assert "pymodule_init" in generated_module("m", [Export("A", "class", 1, ())])
    assert "pymodule_init" not in generated_module("m", [Export("A", "exception", 1, ())])


def test_older_pyo3_hands_the_module_to_the_initialiser():
    older = generated_module("m", [Export("A", "class", 1, ())], init_takes_module=True)
    assert "::pyo3::types::PyModule>) -> ::pyo3::PyResult<()>" in older
    assert parse("struct A;" + older).broken is False


@pytest.mark.parametrize("name", ["", "größe", "a..b", "r#in", 'a"b', "1a", "a-b"])
def test_a_name_that_python_cannot_import_is_an_error(name: str) -> None:
    with pytest.raises(ValueError, match="ASCII identifier"):
        generated_module(name, [])
