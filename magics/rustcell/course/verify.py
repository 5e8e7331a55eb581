"""Verifies exercises: the judge passes their solutions, and rejects all else that is handed in."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from rustcell.course import files
from rustcell.course.attempts import Attempt, Kind, attempts
from rustcell.course.builder import Builder, CellError
from rustcell.course.exercise import Exercise
from rustcell.course.exercise_source import parse, setup_cells
from rustcell.course.manifest import Chapter, Course
from rustcell.course.notebook import read
from rustcell.errors import RustcellError
from rustcell.judge import Report, examine


@dataclass(frozen=True)
class Verdict:
    """What came of one attempt at an exercise.

    Parameters
    ----------
    chapter, exercise, kind, attempt:
        Which attempt it was.
    problem:
        What should have come of it and did not; "" if all is well.
    details:
        What the compiler or the judge said, when there is a problem.
    seconds:
        How long building and judging took.
    """

    chapter: str
    exercise: str
    kind: Kind
    attempt: str
    problem: str = ""
    details: str = ""
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        return not self.problem

    def to_json(self) -> dict[str, object]:
        """Return the fields as JSON values."""
        return {**asdict(self), "ok": self.ok, "seconds": round(self.seconds, 2)}


@dataclass(frozen=True)
class Task:
    """The exercises of one chapter with all attempts at them."""

    chapter: str
    setup: Sequence[str]
    work: Sequence[tuple[Exercise, Sequence[Attempt]]]


def prepare(course: Course, chapter: Chapter) -> Task:
    """Read what there is to verify in a chapter.

    Raises
    ------
    CourseError
        If its exercises or wrong solutions are not as they must be.
    """
    path = course.solution_notebook(chapter)
    source = read(path)
    exercises = parse(source, path.name, chapter)
    work = [(exercise, attempts(exercise, path.parent / "wrong")) for exercise in exercises]
    return Task(chapter.slug, setup_cells(source), work)


def verify(
    tasks: Sequence[Task],
    workers: int,
    cwd: Path,
    environment: Mapping[str, str],
    cell_timeout: int,
    on_verdict: Callable[[Verdict], None],
) -> list[Verdict]:
    """Build and judge every attempt, `workers` chapters at a time, each in a kernel of its own.

    Parameters
    ----------
    cwd:
        The folder that the kernels work in.
    environment:
        Variables added to the kernels' environment.
    cell_timeout:
        Seconds that one cell may take.
    on_verdict:
        Called from several threads, with each verdict as it is reached.
    """
    # A kernel builds one attempt after another; they are judged beside that.
    judges = ThreadPoolExecutor(workers)

    def of_chapter(task: Task) -> list[Verdict]:
        with tempfile.TemporaryDirectory(
            prefix="rustcell-verify-", ignore_cleanup_errors=True
        ) as name:
            scratch = Path(name)
            own = {**environment, "RUSTCELL_PROGRESS_FILE": str(scratch / "progress.json")}
            builder = Builder(task.setup, cwd, scratch, own, cell_timeout)
            try:
                return _of_chapter(task, builder, scratch, judges, on_verdict)
            finally:
                builder.close()

    with ThreadPoolExecutor(workers) as chapters:
        try:
            return [verdict for found in chapters.map(of_chapter, tasks) for verdict in found]
        finally:
            # After Ctrl-C this also ends the chapters: their next attempt finds no judge.
            judges.shutdown(cancel_futures=True)


def _of_chapter(
    task: Task,
    builder: Builder,
    scratch: Path,
    judges: ThreadPoolExecutor,
    on_verdict: Callable[[Verdict], None],
) -> list[Verdict]:
    def begin(exercise: Exercise, attempt: Attempt) -> Future[Verdict]:
        begun = time.monotonic()
        built = _build(attempt, builder, Path(tempfile.mkdtemp(dir=scratch)))
        building = time.monotonic() - begun

        def judge() -> Verdict:
            begun = time.monotonic()
            problem, details = _problem(exercise, attempt, built)
            seconds = building + time.monotonic() - begun
            verdict = Verdict(
                task.chapter, exercise.id, attempt.kind, attempt.name, problem, details, seconds
            )
            on_verdict(verdict)
            return verdict

        return judges.submit(judge)

    verdicts: list[Verdict] = []
    for exercise, (solution, *others) in task.work:
        verdicts.append(begin(exercise, solution).result())
        # What the tests say to a wrong answer means nothing while they reject the right one.
        if verdicts[-1].ok:
            judged = [begin(exercise, attempt) for attempt in others]
            verdicts += [future.result() for future in judged]
    return verdicts


def _build(attempt: Attempt, builder: Builder, folder: Path) -> list[Path] | CellError:
    """Return where the modules of an attempt lie, or why there are none."""
    for name, text in attempt.modules.items():
        files.write(folder / name / "__init__.py", text.encode("utf-8"))
    try:
        return [folder, *(builder.build(attempt.cells) if attempt.cells else ())]
    except CellError as error:
        return error


def _problem(
    exercise: Exercise, attempt: Attempt, built: list[Path] | CellError
) -> tuple[str, str]:
    """Return what is wrong with what came of an attempt, and what was said; "" twice if nothing."""
    if isinstance(built, CellError):
        fine = built.ename in attempt.raises
        return ("", "") if fine else (f"a cell raises {built.message}", built.details)
    if attempt.raises:
        return f"raises nothing, and must raise {' or '.join(attempt.raises)}", ""
    try:
        report = examine(
            built,
            attempt.answers,
            exercise.visible,
            exercise.hidden,
            points=exercise.points,
            # Which test fails it is nobody's question here.
            until_failure=attempt.kind in ("stub", "cheat"),
        )
    except RustcellError as error:
        return f"cannot be judged: {error.message}", error.mend
    return _not_as_expected(attempt, report)


def _not_as_expected(attempt: Attempt, report: Report) -> tuple[str, str]:
    if attempt.kind == "solution":
        failed = ", ".join(test.name for test in report.failures)
        said = "\n".join(f"{test.message}\n{test.difference}" for test in report.failures)
        return (f"fails {failed}; nothing else was tried", said) if failed else ("", "")
    if attempt.kind == "starter":
        unsolved = any(not test.passed for test in report.tests if not test.hidden)
        return ("" if unsolved else "passes all visible tests", "")
    passed = {test.name for test in report.tests if test.passed}
    missed = [name for name in attempt.rejected_by if name in passed]
    if missed:
        return f"passes {', '.join(missed)}, which should reject it", ""
    return ("passes all tests" if report.passed else "", "")
