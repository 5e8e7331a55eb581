"""The judge's process: `python -m rustcell.judge.court CASE`.

It reads the case and removes it before the answer's process starts, so that no answer finds the
tests on the disk, and writes a JSON line for each test to what it got as standard output.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from rustcell.judge.answer import Answer
from rustcell.judge.case import Case
from rustcell.judge.imports import AnswerImports


def main() -> None:
    """Judge the case in the file that the command line names."""
    path = Path(sys.argv[1])
    case = Case(**json.loads(path.read_text(encoding="utf-8")))
    path.unlink()
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # What tests print is nobody's result.
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    answer = Answer(case.folders, path.parent)
    try:
        # pytest takes its time to import, beside the start of the answer's process.
        from rustcell.judge.trial import Trial, run_tests

        answer.prepare(case.folders, case.answers)
        sys.meta_path.insert(0, AnswerImports(answer.side, case.folders, list(case.answers)))
        run_tests(Trial(case, answer, out), path.parent)
    finally:
        answer.end()


if __name__ == "__main__":
    main()
