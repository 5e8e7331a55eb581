#!/usr/bin/env bash
# The whole suite, part by part, with the minutes of each: `make test`, or some parts by name.
# A failing part does not hide the others; the exit status tells if any failed.
set -uo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH" PYTHONDONTWRITEBYTECODE=1

lint() { ruff check . && ruff format --check .; }
types() { mypy; }
# Most of these only compute: two at a time. What builds crates measures and kills processes too,
# and runs alone.
unit() { pytest -q -n 2 tests/unit tests/course -m "not rust and not browser"; }
rust() { pytest -q tests -m "rust and not browser"; }
chapters() { rustcell check -j 2; }
browser() { pytest -q tests -m browser; }

parts=("$@")
((${#parts[@]})) || parts=(lint types unit rust chapters browser)

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
