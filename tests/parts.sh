#!/usr/bin/env bash
# The whole suite, part by part, with the minutes of each: `make test`, or some parts by name.
# A failing part does not hide the others; the exit status tells if any failed.
set -uo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH" PYTHONDONTWRITEBYTECODE=1

lint() { ruff check . && ruff format --check .; }
# The course in step with itself: its rules, navigation, coverage.
course() { rustcell dev lint && rustcell dev nav --check && rustcell dev coverage --check; }
types() { mypy; }
# Two files at a time; those that count, kill or measure run alone.
unit() { pytest -q -n 2 tests/unit tests/course -m "not rust and not browser"; }
rust() { pytest -q -n 2 --dist loadfile tests -m "rust and not alone and not browser"; }
alone() { pytest -q tests -m "alone and not browser"; }
# Released notebooks in step, and tests that tell right answers from wrong ones.
exercises() { rustcell dev release --check && rustcell dev verify -j 2; }
# With an empty cache of its own, where every Rust cell must say that it was built.
chapters() { rustcell check --cold -j 2; }
browser() { pytest -q tests -m browser; }

parts=("$@")
((${#parts[@]})) || parts=(lint types course unit rust alone exercises chapters browser)

summary="" failed=0
for part in "${parts[@]}"; do
    printf '\n== %s ==\n' "$part"
    begin=$SECONDS
    "$part"
    status=$?
    result=passed
    # pytest's 5 is "no test chosen": right for a checkout without that kind of tests.
    if ((status == 5)); then result="no tests"; elif ((status)); then result=FAILED failed=1; fi
    took=$((SECONDS - begin))
    summary+=$(printf '%-9s %-9s %3d:%02d min' "$part" "$result" $((took / 60)) $((took % 60)))$'\n'
done
printf '\n%s' "$summary"
exit "$failed"
