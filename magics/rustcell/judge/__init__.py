"""The judge: runs an exercise's tests in a process that the answer has no hold on.

The answer (built modules and kept Python cells) lives in a *runner* process. The tests run in a
*judge* process and see the answer through proxies: a call goes over a channel, and what it
returns comes back by value and type. Results leave the judge over a channel of their own.
"""

from __future__ import annotations

from rustcell.judge.examination import examine
from rustcell.judge.report import Report, TestResult

__all__ = ["Report", "TestResult", "examine"]
