"""The chapter guide's checkable rules: a page in, findings out.

A page is a notebook of the course that was read once (`page.py`). Each module holds the rules of
one subject; `lint.py` chooses which of them a kind of page must obey.
"""
