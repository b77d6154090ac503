# Counts what passed and failed, for the scripts whose last line says so. Sourced after lib.sh, not run; $work is a
# directory of the script's own.
# shellcheck shell=bash

passed=0 failed=0

# count PASSED FAILED: adds a tier's results; none at all is a failure.
count() {
  if (($1 + $2 == 0)); then
    echo "  FAILED  no test ran"
    failed=$((failed + 1))
  fi
  passed=$((passed + $1)) failed=$((failed + $2))
}

# run_one NAME COMMAND...: one test that is a command; its output is shown where it fails.
run_one() {
  local name=$1 begin=$SECONDS output
  shift
  output=$(mktemp "$work/output.XXXXXX")
  if "$@" >"$output" 2>&1 </dev/null; then
    echo "  ok      $name ($((SECONDS - begin)) s)"
    count 1 0
  else
    cat "$output"
    echo "  FAILED  $name ($((SECONDS - begin)) s)"
    count 0 1
  fi
}

# beside COMMAND...: runs tests beside those that follow; `join` shows and counts what came of them.
beside() {
  rm -f "$work/beside.results"
  (
    passed=0 failed=0
    "$@"
    echo "$passed $failed" >"$work/beside.results"
  ) >"$work/beside" 2>&1 &
  beside=$!
}
join() {
  local ok=0 bad=1
  wait "$beside" || true
  cat "$work/beside"
  [[ -f $work/beside.results ]] && read -r ok bad <"$work/beside.results"
  count "$ok" "$bad"
}

# run_unittest COMMAND...: Python tests, by the names that the command, a `-m unittest -v`, prints.
run_unittest() {
  "$@" >"$work/output" 2>&1 </dev/null || cat "$work/output"
  sed -nE 's/^(test_[a-z0-9_]+) \((.*)\) \.\.\. (ok|FAIL|ERROR|skipped.*|expected failure)$/\1 \3/p' "$work/output" |
    sed -E 's/^(.*) ok$/  ok      \1/; t; s/^(\S+) .*$/  FAILED  \1/' | tee "$work/lines"
  count "$(grep -c '^  ok ' "$work/lines" || true)" "$(grep -c '^  FAILED' "$work/lines" || true)"
}
