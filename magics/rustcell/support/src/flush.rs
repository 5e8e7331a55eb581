//! Sends what `print!` left in the buffer of standard output on its way.
//!
//! `Stdout::flush` waits for the lock on standard output, and a program may keep that lock for
//! long: a logger thread holds it for its whole life, another thread waits for the interpreter
//! with the lock in its hand. Python must never hang on such a thread, and the standard library
//! has no way to try the lock. So a helper thread flushes, and the caller waits for it with a
//! limit. A helper that outstays the limit is given up: it ends when it gets the lock, its module
//! is left out until then, and a new helper serves the other modules.
//!
//! Python asks before each of its own writes, so the way there and back must be short. Waking a
//! sleeping thread takes up to 80 microseconds; both sides therefore spin a little before they
//! sleep, which makes it about 3 microseconds in a loop of prints on a quiet machine.

use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

type Flush = extern "C" fn();

/// What the callers and the helper share.
struct Board {
    /// Which helper is in charge; one with a smaller number has been given up.
    helper: u64,
    /// A helper thread with that number has been started.
    started: bool,
    /// The round asked for last, and the round finished last.
    asked: u64,
    finished: u64,
    flushes: Vec<Flush>,
    /// Which of them the helper is at.
    at: usize,
    /// The modules whose lock a helper that was given up still waits for.
    stuck: Vec<usize>,
}

impl Board {
    fn finish(&mut self) {
        self.finished = self.asked;
        LAST_FINISHED.store(self.finished, Ordering::Release);
        FINISHED.notify_all();
    }
}

static BOARD: Mutex<Board> = Mutex::new(Board {
    helper: 0,
    started: false,
    asked: 0,
    finished: 0,
    flushes: Vec::new(),
    at: 0,
    stuck: Vec::new(),
});
static ASKED: Condvar = Condvar::new();
static FINISHED: Condvar = Condvar::new();

/// `Board::asked` and `Board::finished` again, to be looked at while spinning.
static LAST_ASKED: AtomicU64 = AtomicU64::new(0);
static LAST_FINISHED: AtomicU64 = AtomicU64::new(0);

/// How long each side spins before it sleeps. Longer would be faster on a quiet machine and slower
/// where other programs want the processors; with one processor spinning only delays the other.
const SPIN: Duration = Duration::from_micros(30);
static MAY_SPIN: AtomicBool = AtomicBool::new(false);

fn board() -> MutexGuard<'static, Board> {
    BOARD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Flushes this module's standard output; waits for its lock without limit.
#[no_mangle]
pub extern "C" fn rustcell_flush() {
    // A closed or full standard output is the business of the code that printed.
    let _ = std::io::stdout().flush();
}

/// Has the helper call `count` flush functions (those of all modules) and waits `micros`
/// microseconds for it. Returns 0 when they are done, else a number for [`rustcell_flush_wait`].
///
/// # Safety
/// `flushes` points to `count` addresses of `rustcell_flush` in loaded libraries.
#[no_mangle]
pub unsafe extern "C" fn rustcell_flush_all(
    flushes: *const usize,
    count: usize,
    micros: u64,
) -> u64 {
    let mut board = board();
    if board.asked != board.finished {
        return board.asked; // a round of another caller: there is only one helper
    }
    if !board.started && !start_helper(&mut board) {
        return 0;
    }
    let Board { flushes: list, stuck, .. } = &mut *board;
    list.clear();
    for index in 0..count {
        let address = *flushes.add(index);
        if !stuck.contains(&address) {
            list.push(std::mem::transmute::<usize, Flush>(address));
        }
    }
    board.asked += 1;
    let round = board.asked;
    LAST_ASKED.store(round, Ordering::Release);
    ASKED.notify_one();
    drop(board);
    spin_until(|| LAST_FINISHED.load(Ordering::Acquire) >= round);
    let (board, _) = wait(self::board(), round, micros);
    if board.finished >= round { 0 } else { round }
}

/// Waits `micros` microseconds more for a round; after that its helper is given up.
#[no_mangle]
pub extern "C" fn rustcell_flush_wait(round: u64, micros: u64) {
    let (mut board, in_time) = wait(board(), round, micros);
    if in_time || board.asked != round {
        return;
    }
    let stuck = board.flushes[board.at] as usize;
    board.stuck.push(stuck);
    board.helper += 1;
    board.started = false;
    board.finish();
}

fn wait(
    board: MutexGuard<'static, Board>,
    round: u64,
    micros: u64,
) -> (MutexGuard<'static, Board>, bool) {
    let limit = Duration::from_micros(micros);
    let (board, timeout) = FINISHED
        .wait_timeout_while(board, limit, |board| board.finished < round)
        .unwrap_or_else(PoisonError::into_inner);
    (board, !timeout.timed_out())
}

fn spin_until(done: impl Fn() -> bool) {
    if !MAY_SPIN.load(Ordering::Relaxed) {
        return;
    }
    let start = Instant::now();
    while !done() && start.elapsed() < SPIN {
        std::hint::spin_loop();
    }
}

fn start_helper(board: &mut Board) -> bool {
    let number = board.helper;
    let processors = thread::available_parallelism().map_or(1, usize::from);
    MAY_SPIN.store(processors > 1, Ordering::Relaxed);
    let helper = thread::Builder::new()
        .name("rustcell flush".into())
        .stack_size(64 * 1024)
        .spawn(move || help(number));
    board.started = helper.is_ok();
    board.started
}

/// The helper's life: round after round until it is given up.
fn help(number: u64) {
    let mut board = board();
    loop {
        board = ASKED
            .wait_while(board, |board| {
                board.helper == number && board.asked == board.finished
            })
            .unwrap_or_else(PoisonError::into_inner);
        for index in 0..board.flushes.len() {
            board.at = index;
            let flush = board.flushes[index];
            drop(board);
            flush();
            board = self::board();
            if board.helper != number {
                board.stuck.retain(|&address| address != flush as usize);
                return;
            }
        }
        board.finish();
        let seen = board.asked;
        drop(board);
        spin_until(|| LAST_ASKED.load(Ordering::Acquire) > seen);
        board = self::board();
    }
}
