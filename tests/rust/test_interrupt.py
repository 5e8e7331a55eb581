"""Interrupts, shutdowns and long sessions: nothing keeps running, nothing piles up."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from environments import SLOW, Environment, cell, link_base, marked, names, until
from kernels import Kernel, kernel

pytestmark = [
    pytest.mark.rust,
    pytest.mark.alone,
    pytest.mark.skipif(os.name == "nt", reason="signals and /proc"),
]

SLACK_S = 1
"""What a busy machine may add to the second of the design."""

TOOLS = ("cargo", "rustc", "cc", "ld", "maturin", "uv", "build-script-build")


def by_manager(running: Kernel) -> None:
    running.manager.interrupt_kernel()


def by_group(running: Kernel) -> None:
    os.killpg(os.getpgid(running.manager.provisioner.process.pid), signal.SIGINT)


def tools(mark: str) -> list[str]:
    """Return the names of the build's processes that live."""
    return [name for name in names(marked(mark)) if name in TOOLS]


def started(mark: str, tool: str) -> bool:
    return tool in tools(mark)


def no_scratch(root: Path) -> list[str]:
    """Return the temporary folders left in the cache."""
    return sorted(
        p.relative_to(root).as_posix()
        for pattern in ("*/.new-*", "*/.old-*", "*/*/.new-*", "*/*/.old-*", "builds/*/*.new")
        for p in root.glob(pattern)
    )


def compiling(mark: str) -> bool:
    """Tell whether rustc compiles a crate, and is not only asked for its version."""
    for process in marked(mark):
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.name() == "rustc" and "--crate-name" in process.cmdline():
                return True
    return False


def interrupted(running: Kernel, mark: str, code: str, how: Callable[[Kernel], None]) -> None:
    """Interrupt a cell once rustc runs, and check that all of it is over within a second."""
    waiting = running.send(code)
    until(lambda: compiling(mark), 60)
    time.sleep(0.3)
    building = [p for p in marked(mark) if p.name() in TOOLS]
    assert building
    begin = time.monotonic()
    how(running)
    until(lambda: names(building) == [], 5, every=0.01)
    result = running.collect(waiting, timeout=20)
    took = time.monotonic() - begin
    assert result.ename == "KeyboardInterrupt", result.text
    assert tools(mark) == []
    assert took < 1 + SLACK_S, took


@pytest.mark.parametrize("how", [by_manager, by_group])
def test_interrupting_a_cold_build_ends_it_and_leaves_nothing(
    one: Environment,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    mark: str,
    how: Callable[[Kernel], None],
) -> None:
    monkeypatch.setenv("RUSTCELL_CACHE_DIR", str(tmp_path / "cache"))
    root = tmp_path / "cache" / "v1"
    with kernel(python=one.python) as running:
        interrupted(running, mark, cell("cut", 1), how)
        assert no_scratch(root) == []
        assert [p for p in (root / "bases").iterdir() if p.is_dir()] == []
        assert running.run("cut").ename == "NameError"
        # The next run works; a finished base is put there, for it costs 12 s to build.
        link_base(one, tmp_path / "filled")
        for base in (tmp_path / "filled" / "v1" / "bases").iterdir():
            base.rename(root / "bases" / base.name)
        result = running.run(cell("cut", 1))
        assert result.ok, result.text
        assert running.value("cut.value()") == "1"


@pytest.mark.parametrize("how", [by_manager, by_group])
def test_interrupting_a_cell_s_build_ends_it_and_the_next_run_works(
    one: Environment, warm_cache: Path, mark: str, how: Callable[[Kernel], None]
) -> None:
    with kernel(python=one.python) as running:
        assert running.run(cell("cut", 1)).ok
        assert running.run("%rust_status").ok
        interrupted(running, mark, cell("cut", 2, more=SLOW), how)
        # The module of before is untouched, and so is what is installed.
        assert running.value("cut.value()") == "1"
        assert "cut [debug] installed" in running.run("%rust_status").text
        assert no_scratch(warm_cache) == []
        assert running.run(cell("cut", 3)).ok
        assert running.value("cut.value()") == "3"
        assert "cut [debug] installed" in running.run("%rust_status").text
    assert int(one.run("-c", "import cut; print(cut.value())")) == 3


def kill(running: Kernel) -> None:
    """Do what `shutdown_kernel(now=True)` does: the kernel's whole group is killed."""
    os.killpg(os.getpgid(running.manager.provisioner.process.pid), signal.SIGKILL)


def restart(running: Kernel) -> None:
    """Do what ↻ does."""
    running.manager.restart_kernel(now=False)


@pytest.mark.parametrize("how", [restart, kill])
def test_the_kernel_s_end_ends_the_build(
    one: Environment, warm_cache: Path, mark: str, how: Callable[[Kernel], None]
) -> None:
    with kernel(python=one.python) as running:
        running.send(cell("cut", 2, more=SLOW))
        until(lambda: compiling(mark), 60)
        time.sleep(0.3)
        building = [p for p in marked(mark) if p.name() in TOOLS]
        how(running)
        assert until(lambda: names(building) == [], 5) < 1 + SLACK_S
    until(lambda: marked(mark) == [], 5)
    with kernel(python=one.python) as following:
        assert following.run(cell("cut", 3)).ok
        assert following.value("cut.value()") == "3"


def test_interrupting_another_cell_does_not_cut_the_install(
    one: Environment, warm_cache: Path, mark: str
) -> None:
    with kernel(python=one.python) as running:
        assert running.run(cell("kept", 1)).ok
        assert running.run("%rust_status").ok
        before = one.owner("kept")["key"]
        for value, how in ((2, by_manager), (3, by_group)):
            assert running.run(cell("kept", value)).ok
            waiting = running.send("import time; time.sleep(60)")
            until(lambda: started(mark, "maturin"), 20)
            how(running)
            assert running.collect(waiting).ename == "KeyboardInterrupt"
            # Nothing is asked of the kernel: the install goes on by itself.
            until(lambda: "maturin" not in tools(mark), 20)
            until(lambda: signed(one, "kept") not in ("", before), 10)  # noqa: B023
            before = one.owner("kept")["key"]
            assert int(one.run("-c", "import kept; print(kept.value())")) == value


def signed(made: Environment, name: str) -> str:
    try:
        return made.owner(name)["key"]
    except (ValueError, OSError):
        return ""


GROWTH = """
def usage():
    import os, psutil, threading
    me = psutil.Process()
    children = me.children(recursive=True)
    return {
        "descriptors": len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd")
                       else me.num_fds(),
        "threads": threading.active_count(),
        "processes": len(children),
        "zombies": [c.name() for c in children if c.status() == psutil.STATUS_ZOMBIE],
        "paths": len(__import__("sys").path),
        "overlay": len(os.environ["PYTHONPATH"].split(os.pathsep)),
    }
"""


def test_twenty_edits_give_twenty_results_and_pile_nothing_up(
    one: Environment, warm_cache: Path, mark: str
) -> None:
    with kernel(python=one.python) as running:
        running.run(GROWTH)
        values, usages, folders = [], [], []
        for value in range(20):
            result = running.run(cell("edited", value))
            assert result.ok, result.text
            values.append(running.value("edited.value()"))
            if value in (3, 11, 19):
                assert "edited [debug] installed" in running.run("%rust_status").text
                usages.append(eval(running.value("usage()")))
                folders.append(
                    (
                        no_scratch(warm_cache),
                        len(list((warm_cache / "kernels").iterdir())),
                        len(list((warm_cache / "slots").glob("*/[0-9]*"))),
                    )
                )
        process = psutil.Process(running.manager.provisioner.process.pid)
        assert process.children(recursive=True) == []
    assert values == [str(value) for value in range(20)]
    # A descriptor or two come and go with the kernel's own sockets.
    descriptors = [usage.pop("descriptors") for usage in usages]
    assert max(descriptors) - min(descriptors) <= 2, descriptors
    assert usages[0] == usages[1] == usages[2]
    assert usages[2]["processes"] == 0
    assert usages[2]["zombies"] == []
    assert folders == [([], 1, 1)] * 3
    until(lambda: marked(mark) == [], 5)
    assert list((warm_cache / "kernels").iterdir()) == []
    assert no_scratch(warm_cache) == []
