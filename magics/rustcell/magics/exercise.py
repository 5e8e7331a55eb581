"""The student's loop in a notebook: an edge above the cell half and the course half."""

from __future__ import annotations

import importlib.util
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, line_cell_magic, line_magic, magics_class, no_var_expand
from IPython.display import display

from rustcell.errors import CheckFailedError, CourseError, OptionsError, ToolchainError
from rustcell.magics.answers import (
    AnswerCells,
    answer_as_it_is,
    check_with_a_body,
    keep_copy,
)
from rustcell.magics.front import Front

if TYPE_CHECKING:
    from rustcell.course.exercise import Exercise
    from rustcell.course.manifest import Course
    from rustcell.course.progress import Progress, ProgressFile


@magics_class
class ExerciseMagics(Magics):
    """`%%check`, `%%answer`, `%hint`, `%solution`, `%reset_exercise` and `%progress`."""

    def __init__(self, front: Front) -> None:
        super().__init__(front.shell)
        self._front = front
        self._cells = AnswerCells()

    def install(self) -> None:
        """Follow the shell's cells from now on."""
        shell = self._front.shell
        shell.events.register("pre_run_cell", self.note_cell)
        shell.events.register("post_run_cell", self.note_end)
        shell.input_transformers_cleanup.extend([answer_as_it_is, check_with_a_body])

    def uninstall(self) -> None:
        """Undo `install`."""
        shell = self._front.shell
        shell.events.unregister("pre_run_cell", self.note_cell)
        shell.events.unregister("post_run_cell", self.note_end)
        for transformer in (answer_as_it_is, check_with_a_body):
            shell.input_transformers_cleanup.remove(transformer)

    def note_cell(self, info: Any = None) -> None:
        """Remember the cell that is about to run (IPython's event `pre_run_cell`)."""
        self._cells.note(getattr(info, "raw_cell", "") or "")

    def note_end(self, result: Any = None) -> None:
        """Remember whether the cell that ran has failed (IPython's event `post_run_cell`)."""
        if getattr(result, "success", False):
            self._cells.ended_well()

    @no_var_expand
    @line_magic
    def answer(self, line: str) -> None:
        """Keep this cell's Python as the answer to an exercise: `%%answer ex_01_2`.

        The cell runs as any other. `%%check ex_01_2` then runs its text in a process of its own,
        where it finds nothing that other cells of the notebook have defined.
        """
        self._cells.keep(_one_word(line, "%%answer"))

    @no_var_expand
    @line_cell_magic
    def check(self, line: str, cell: str = "") -> None:
        """Check your answer to an exercise: `%%check ex_02_1`, and the tests below it.

        The tests run in another process than your code. After those of the cell come the
        course's hidden ones, of which you see name and message. Without a cell (`%check ex_02_1`)
        the course's own tests run.
        """
        from rustcell.course.checking import check
        from rustcell.course.exercise_view import check_bundle, headline
        from rustcell.course.standing import standing
        from rustcell.course.working_copy import open_next

        name = _one_word(line, "%%check")
        course, exercise = self._find(name)
        if exercise and any(self._cells.failed_like(a.starter) for a in exercise.answers):
            self._note_try(exercise, solved=False)
            raise CheckFailedError(
                f"{name}: its answer cell failed when it last ran, so there is nothing to check",
                "Mend what the cell's error names, run the cell again, then this one.",
            )
        with self._front.interruptible():
            checked = check(exercise, cell, self._front.build_folders(), self._cells.kept)
        coming = None
        if course is not None and exercise is not None:
            progress = self._note_try(exercise, solved=checked.solved)
            # What comes next changes with the course: stored outputs must not.
            if os.environ.get("RUSTCELL_PROGRESS") != "off":
                course = open_next(course, progress.solved)
                coming = standing(course, progress).after(name)
        self._show(check_bundle(name, checked, exercise, coming))
        if not checked.passed:
            hint = f"%hint {name} gives a hint." if exercise and exercise.hints else ""
            raise CheckFailedError(headline(name, checked, exercise), hint)

    @line_magic
    def hint(self, line: str) -> None:
        """Show the next hint: `%hint ex_02_1`; or the first again: `%hint ex_02_1 1`."""
        from rustcell.course.progress import Attempts

        name, number = _word_and_number(line)
        exercise = self._of_the_course(name)[1]
        if not exercise.hints:
            raise CourseError(f"{name} has no hints.", "Its text and its tests say all there is.")
        file = self._progress_file()
        seen = file.load().of(name).hints
        wanted = number or min(seen + 1, len(exercise.hints))
        if not 1 <= wanted <= len(exercise.hints):
            raise OptionsError(
                f"{name} has {len(exercise.hints)} hints, and no hint {wanted}",
                f"Write %hint {name} for the next one.",
            )

        def note(progress: Progress) -> Progress:
            known: Attempts = progress.of(name)
            return progress.with_exercise(name, replace(known, hints=max(known.hints, wanted)))

        self._update(note)
        last = wanted == len(exercise.hints)
        more = "This is the last one." if last else f"%hint {name} shows the next."
        head = f"Hint {wanted} of {len(exercise.hints)} for {name}"
        self._show_markdown(f"**{head}**\n\n{exercise.hints[wanted - 1]}\n\n*{more}*")

    @line_magic
    def solution(self, line: str) -> None:
        """Show an exercise's solution and why it is so: `%solution ex_02_1`, after a try."""
        name = _one_word(line, "%solution")
        exercise = self._of_the_course(name)[1]
        texts = [(answer.solution, answer.language) for answer in exercise.answers]
        if not any(text for text, _ in texts):
            raise CourseError(
                f"The solution of {name} is not part of this edition of the course.",
                "Ask whoever gave you the course.",
            )
        if not self._progress_file().load().of(name).tries:
            raise CourseError(
                f"{name} was not tried yet.",
                f"Run your answer and its %%check cell once; %hint {name} helps. Then ask again.",
            )
        parts = [f"**A solution of {name}**"]
        parts += [f"```{language}\n{text.strip()}\n```" for text, language in texts]
        self._show_markdown("\n\n".join([*parts, exercise.explanation]))

    @line_magic
    def reset_exercise(self, line: str) -> None:
        """Begin an exercise again: `%reset_exercise ex_02_1`.

        The cells that you ran last are kept in a file, and a new cell below this one brings the
        first text back. Your old cells stay: delete them when you don't need them.
        """
        name = _one_word(line, "%reset_exercise")
        exercise = self._of_the_course(name)[1]
        ran = [text for a in exercise.answers if (text := self._cells.last_like(a.starter))]
        if ran:
            print(f"Your last answer is kept in {keep_copy(name, ran)}.")
        starters = [answer.starter.strip() for answer in exercise.answers]
        for other in starters[1:]:
            print(f"One of its cells begins as:\n\n{other}\n")
        if self._front.in_kernel:
            self._front.shell.set_next_input(starters[0], replace=False)
            print("The new cell below is as it was in the beginning.")
        else:
            print(f"The cell begins as:\n\n{starters[0]}")

    @line_magic
    def progress(self, line: str) -> None:
        """Show where you stand: `%progress`; `%progress 02_modules` notes a chapter as read."""
        from rustcell.course import progress_view
        from rustcell.course.standing import standing

        course = self._course()
        if course is None:
            raise _no_course()
        slug = line.strip()
        if not slug:
            stands = standing(course, self._load())
            self._show(
                {"text/plain": progress_view.text(stands), "text/html": progress_view.page(stands)}
            )
            return
        if course.chapter(slug) is None:
            known = ", ".join(chapter.slug for chapter in course.chapters)
            raise OptionsError(f"there is no chapter {slug!r}", f"The course has: {known}.")
        self._update(lambda progress: progress.with_chapter(slug))
        self._show_markdown(f"Noted: you have read `{slug}`. `%progress` shows where you stand.")

    def _find(self, name: str) -> tuple[Course | None, Exercise | None]:
        from rustcell.course.exercises import find_exercise

        course = self._course()
        return course, find_exercise(course, name) if course else None

    def _of_the_course(self, name: str) -> tuple[Course, Exercise]:
        course, exercise = self._find(name)
        if course is None or exercise is None:
            raise _no_course()
        return course, exercise

    def _course(self) -> Course | None:
        if importlib.util.find_spec("nbformat") is None:
            raise ToolchainError(
                "nbformat is not installed, and the course's notebooks are read with it",
                "Install it beside rustcell: pip install 'rustcell[lab]'",
            )
        from rustcell.course.manifest import find_course

        return find_course(Path.cwd())

    def _progress_file(self) -> ProgressFile:
        from rustcell.course.progress import ProgressFile, progress_path

        return ProgressFile(progress_path())

    def _load(self) -> Progress:
        file = self._progress_file()
        progress = file.load()
        _tell(file.notice)
        return progress

    def _update(self, change: Any) -> Progress:
        file = self._progress_file()
        progress = file.update(change)
        _tell(file.notice)
        return progress

    def _note_try(self, exercise: Exercise, *, solved: bool) -> Progress:
        # A check before any of the exercise's cells has run is no try.
        tried = any(self._cells.last_like(answer.starter) for answer in exercise.answers)

        def note(progress: Progress) -> Progress:
            known = progress.of(exercise.id)
            attempts = replace(known, tries=known.tries + tried, solved=known.solved or solved)
            return progress.with_exercise(exercise.id, attempts)

        return self._update(note)

    def _show(self, bundle: dict[str, str]) -> None:
        if self._front.in_kernel:
            display(bundle, raw=True)
        else:
            print(bundle["text/plain"])

    def _show_markdown(self, text: str) -> None:
        self._show({"text/plain": text, "text/markdown": text})


def _one_word(line: str, magic: str) -> str:
    words = line.split()
    if len(words) != 1:
        raise OptionsError(f"{magic} needs the ID of one exercise", f"For example: {magic} ex_02_1")
    return words[0]


def _word_and_number(line: str) -> tuple[str, int | None]:
    words = line.split()
    if len(words) == 2 and words[1].isdecimal():
        return words[0], int(words[1])
    return _one_word(line, "%hint"), None


def _no_course() -> CourseError:
    return CourseError(
        "There is no course here: no course.toml in this folder or above it.",
        "Open the notebook in its place in the course. `rustcell start` makes a copy to work in.",
    )


def _tell(notice: str) -> None:
    if notice:
        print(notice, file=sys.stderr)
