//! Linked into every module that a notebook cell builds, by `extern crate rustcell_support as _;`.
//!
//! Each extension module has its own copy of Rust's standard library, hence its own buffer for
//! `print!` and its own panic hook. The functions here reach the copy of the module they are
//! linked into; Python finds them in the built library by name.

mod flush;
mod panics;
