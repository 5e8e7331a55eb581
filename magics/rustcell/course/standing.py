"""Where a student stands in a course: the manifest and the progress, seen together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from rustcell.course.manifest import Chapter, Course
from rustcell.course.notebook import read, title
from rustcell.course.progress import Progress
from rustcell.errors import CourseError


@dataclass(frozen=True)
class Next:
    """What to do next: a text, and the notebook to do it in."""

    text: str
    notebook: Path


@dataclass(frozen=True)
class ExerciseStanding:
    """One exercise: its points, and whether they are earned."""

    id: str
    points: int
    solved: bool
    tries: int


@dataclass(frozen=True)
class ChapterStanding:
    """One chapter, and where its notebooks lie."""

    slug: str
    title: str
    read: bool
    notebook: Path
    exercise_notebook: Path
    exercises: tuple[ExerciseStanding, ...]

    @property
    def next(self) -> Next | None:
        """What to do in this chapter: read it, then solve the first open exercise."""
        if not self.read:
            return Next(f"read {self.title}", self.notebook)
        unsolved = (exercise.id for exercise in self.exercises if not exercise.solved)
        name = next(unsolved, None)
        return Next(f"solve {name}", self.exercise_notebook) if name else None


@dataclass(frozen=True)
class Standing:
    """The whole course."""

    title: str
    chapters: tuple[ChapterStanding, ...]

    @property
    def exercises(self) -> list[ExerciseStanding]:
        return [exercise for chapter in self.chapters for exercise in chapter.exercises]

    @property
    def chapters_read(self) -> int:
        return sum(chapter.read for chapter in self.chapters)

    @property
    def solved(self) -> int:
        return sum(exercise.solved for exercise in self.exercises)

    @property
    def points(self) -> int:
        return sum(exercise.points for exercise in self.exercises if exercise.solved)

    @property
    def points_in_all(self) -> int:
        return sum(exercise.points for exercise in self.exercises)

    @property
    def next(self) -> Next | None:
        """The first chapter to read or exercise to solve, in the order of the course."""
        steps = (step for chapter in self.chapters if (step := chapter.next))
        return next(steps, None)

    def after(self, exercise: str) -> Next | None:
        """Return what to do after an exercise: what is open from there on, else what is next."""
        for number, chapter in enumerate(self.chapters):
            names = [own.id for own in chapter.exercises]
            if exercise in names:
                behind = names.index(exercise) + 1
                rest = replace(chapter, exercises=chapter.exercises[behind:])
                later = (step for c in (rest, *self.chapters[number + 1 :]) if (step := c.next))
                return next(later, None) or self.next
        return self.next

    def to_json(self, root: Path) -> dict[str, object]:
        """Return it as JSON values, with the notebooks' paths inside the course's folder."""
        coming = self.next
        return {
            "title": self.title,
            "chapters_read": self.chapters_read,
            "solved": self.solved,
            "points": self.points,
            "points_in_all": self.points_in_all,
            "next": coming and {"text": coming.text, "notebook": _inside(coming.notebook, root)},
            "chapters": [
                {
                    "slug": chapter.slug,
                    "title": chapter.title,
                    "read": chapter.read,
                    "notebook": _inside(chapter.notebook, root),
                    "exercise_notebook": _inside(chapter.exercise_notebook, root),
                    "exercises": [vars(exercise) for exercise in chapter.exercises],
                }
                for chapter in self.chapters
            ],
        }


def standing(course: Course, progress: Progress) -> Standing:
    """Return where a student with this progress stands in the course."""
    return Standing(course.title, tuple(_chapter(course, c, progress) for c in course.chapters))


def _chapter(course: Course, chapter: Chapter, progress: Progress) -> ChapterStanding:
    exercises = tuple(
        ExerciseStanding(name, points, progress.of(name).solved, progress.of(name).tries)
        for name, points in chapter.exercises.items()
    )
    # Who tries a chapter's exercises has read it.
    read_it = chapter.slug in progress.chapters_read or any(e.tries for e in exercises)
    return ChapterStanding(
        chapter.slug,
        _title(course, chapter),
        read_it,
        course.notebook(chapter),
        course.exercise_notebook(chapter),
        exercises,
    )


def _title(course: Course, chapter: Chapter) -> str:
    try:
        return title(read(course.notebook(chapter))) or chapter.slug
    except CourseError:
        # A copy of the course may lack chapters; where one stands is told all the same.
        return chapter.slug


def _inside(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()
