"""What a module is to a process that never saw its earlier builds."""

from __future__ import annotations

import tempfile
from pathlib import Path

from rustcell.teaching.isolation import run_isolated

_CODE = """\
names = {{}}
try:
    exec({statement!r}, names)
    answer = repr(eval({expression!r}, names))
except BaseException as error:
    answer = type(error).__name__ + (f": {{error}}" if str(error) else "")
with open({path!r}, "w", encoding="utf-8", errors="backslashreplace") as file:
    file.write(answer)
"""


def fresh_import(module: str, expression: str = "None", timeout: float = 10) -> str:
    """Import a module in a new process and return the repr of an expression there.

    A kernel cannot import a changed native module anew under its old path, and it remembers
    what earlier cells did. A new process shows what everybody else will see.

    Parameters
    ----------
    module:
        The name, with dots for a submodule: it is imported by ``import NAME``.
    expression:
        Python; the only name it knows besides the builtins is the module.
    timeout:
        In seconds.

    Returns
    -------
    str
        The repr; or the exception's type and text ("ModuleNotFoundError: No module named 'x'"),
        also for a panic; or how the process ended, if it did not live to answer ("killed by
        SIGSEGV").
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        answer = Path(folder, "answer")
        code = _CODE.format(statement=f"import {module}", expression=expression, path=str(answer))
        ended = run_isolated(code, timeout)
        if ended.status == 0 and answer.exists():
            return answer.read_text(encoding="utf-8")
    return repr(ended)
