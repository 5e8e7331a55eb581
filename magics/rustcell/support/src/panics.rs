//! Prints a panic the same way on every run: the standard library's own form has the thread's
//! number in it, and shows a backtrace or not as the environment happens to say.

use std::backtrace::Backtrace;
use std::io::Write;
use std::panic::{self, PanicHookInfo};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Once;
use std::thread;

static SHOW_BACKTRACE: AtomicBool = AtomicBool::new(false);
static INSTALL: Once = Once::new();

/// Prints this module's panics from now on; `backtrace` other than 0 adds the Rust stack.
///
/// The hook is installed by the first call only, so a hook that the module sets itself stays.
#[no_mangle]
pub extern "C" fn rustcell_panic_hook(backtrace: u8) {
    SHOW_BACKTRACE.store(backtrace != 0, Ordering::Relaxed);
    INSTALL.call_once(|| panic::set_hook(Box::new(print_panic)));
}

fn print_panic(info: &PanicHookInfo<'_>) {
    let thread = thread::current();
    let name = thread.name().unwrap_or("<unnamed>");
    let payload = info.payload();
    let message = match payload.downcast_ref::<&'static str>() {
        Some(message) => message,
        None => match payload.downcast_ref::<String>() {
            Some(message) => message.as_str(),
            None => "Box<dyn Any>",
        },
    };
    let mut text = match info.location() {
        Some(place) => {
            let (file, line, column) = (shortened(place.file()), place.line(), place.column());
            format!("thread '{name}' panicked at {file}:{line}:{column}:\n{message}\n")
        }
        None => format!("thread '{name}' panicked:\n{message}\n"),
    };
    if SHOW_BACKTRACE.load(Ordering::Relaxed) {
        text.push_str("stack backtrace:\n");
        text.push_str(&own_frames(&Backtrace::force_capture().to_string()));
    }
    // One write, so that no other thread's text comes between.
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// A crate's file without the folders above the crate, which differ from machine to machine.
fn shortened(file: &str) -> &str {
    for root in ["/registry/src/", "\\registry\\src\\"] {
        if let Some((_, rest)) = file.split_once(root) {
            return rest.split_once(['/', '\\']).map_or(rest, |(_, path)| path);
        }
    }
    file
}

/// The frames between the panic machinery and the call from Python, numbered from 0.
///
/// A frame is a line `  12: name`, and perhaps a second line `             at file:line:column`.
fn own_frames(backtrace: &str) -> String {
    let mut text = String::new();
    let mut number = 0;
    let mut inside = false;
    for frame in frames(backtrace) {
        let name = frame[0];
        if !inside {
            inside = name.contains("__rust_end_short_backtrace");
        } else if is_caller(name) {
            break;
        } else if !is_machinery(name) {
            text.push_str(&format!("{number:4}: {name}\n"));
            for line in &frame[1..] {
                text.push_str(line);
                text.push('\n');
            }
            number += 1;
        }
    }
    text
}

/// The lines of each frame, the first without its number.
fn frames(backtrace: &str) -> Vec<Vec<&str>> {
    let mut frames: Vec<Vec<&str>> = Vec::new();
    for line in backtrace.lines() {
        match line.split_once(": ") {
            Some((number, name)) if number.trim().parse::<u32>().is_ok() => frames.push(vec![name]),
            _ => {
                if let Some(frame) = frames.last_mut() {
                    frame.push(line);
                }
            }
        }
    }
    frames
}

/// What calls the module's code: PyO3, or the start of a Rust thread.
fn is_caller(name: &str) -> bool {
    [
        "__rust_begin_short_backtrace",
        "__pyfunction_",
        "__pymethod_",
        "pyo3::impl_::",
    ]
    .iter()
    .any(|caller| name.contains(caller))
}

/// The standard library's way from `panic!` to the hook.
fn is_machinery(name: &str) -> bool {
    name.contains("rust_begin_unwind") || name.starts_with("core::panicking::")
}
