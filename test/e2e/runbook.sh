#!/usr/bin/env bash
# The health, smoke-test and monitoring steps of the migration runbook, sent as the runbook prints them, against a running service.
# Usage: BASE=http://localhost:8000 TEST_TOKEN=… ADMIN_TOKEN=… [DATABASE_URL=…] runbook.sh
# Prints one line per step and a closing 'N passed, N failed'; exits 1 when a step failed.
set -u
BASE=${BASE:-http://localhost:8000}
: "${TEST_TOKEN:?a user token is needed}" "${ADMIN_TOKEN:?an admin token is needed}"
passed=0 failed=0
body=$(mktemp); trap 'rm -f "$body"' EXIT
ok()  { passed=$((passed+1)); printf 'ok    %s\n' "$*"; }
bad() { failed=$((failed+1)); printf 'FAIL  %s\n' "$*"; }
# call NAME STATUS CURL-ARGS…: the answer is left in $body
call() {
  local name=$1 want=$2; shift 2
  local got; got=$(curl -sS -o "$body" -w '%{http_code}' --max-time "${STEP_S:-180}" "$@" 2>/dev/null)
  if [[ $got == "$want" ]]; then ok "$name ($got)"; else bad "$name: wanted $want, got $got: $(head -c 300 "$body")"; return 1; fi
}
# field JS-EXPRESSION over the last answer, as b
field() { node -e 'const b=JSON.parse(require("fs").readFileSync(process.argv[1],"utf8"));const v=eval(process.argv[2]);process.stdout.write(v===undefined||v===null?"":String(v))' "$body" "$1" 2>/dev/null; }
holds() { local name=$1; if [[ $(field "!!($2)") == true ]]; then ok "$name"; else bad "$name: $2 does not hold in $(head -c 300 "$body")"; fi; }

# Health checks
for p in /api/v1/health /api/v1/health/db /api/v1/health/redis /api/v1/health/chromadb /api/v2/health /api/v2/atoms/health \
         /api/v2/graphs/health /api/v2/validation/health /api/v2/execution/health /api/v2/review/health /health/live /health/ready; do
  call "GET $p" 200 "$BASE$p"
done
call 'HEAD /api/v1/health' 200 -I "$BASE/api/v1/health"
call 'GET /metrics' 200 "$BASE/metrics"

# No token, no entry
call 'POST /api/v2/masterplans without a token' 401 -X POST "$BASE/api/v2/masterplans" -H 'Content-Type: application/json' -d '{}'

# Smoke test
call 'create a masterplan' 201 -X POST "$BASE/api/v2/masterplans" \
  -H "Content-Type: application/json" -H "Authorization: Bearer $TEST_TOKEN" \
  -d '{
       "user_request": "Build a simple TODO app with FastAPI and React",
       "user_id": "test-user-migration",
       "session_id": "test-session-migration"
     }'
MASTERPLAN_ID=$(field b.masterplan_id)
[[ -n $MASTERPLAN_ID ]] && ok "masterplan_id $MASTERPLAN_ID" || bad 'no masterplan_id in the answer'

call 'run atomization' 200 -X POST "$BASE/api/v2/atomization/decompose" \
  -H "Authorization: Bearer $TEST_TOKEN" -d "{\"masterplan_id\": \"$MASTERPLAN_ID\"}"
holds 'atoms were made' 'b.total_atoms > 0 && b.atoms_count === b.total_atoms'
ATOMS=$(field b.total_atoms)

call 'build the dependency graph' 200 -X POST "$BASE/api/v2/graphs/build" \
  -H "Authorization: Bearer $TEST_TOKEN" -d "{\"masterplan_id\": \"$MASTERPLAN_ID\"}"
holds 'graph_id and waves' 'b.graph_id && b.total_waves > 1 && b.waves_count === b.total_waves'

call 'execute the first wave' 202 -X POST "$BASE/api/v2/execution/start" \
  -H "Authorization: Bearer $TEST_TOKEN" -d "{
       \"masterplan_id\": \"$MASTERPLAN_ID\",
       \"max_waves\": 1
     }"
for _ in $(seq "${POLL_S:-120}"); do
  curl -sS -o "$body" --max-time 10 "$BASE/api/v2/execution/status/$MASTERPLAN_ID" -H "Authorization: Bearer $TEST_TOKEN" 2>/dev/null
  case $(field b.status) in queued|pending|running|'') sleep 1 ;; *) break ;; esac
done
holds 'the first wave ended' '["completed","paused","partial","waiting"].includes(b.status) && b.atoms_succeeded > 0 && b.atoms_completed < b.atoms_total'

call 'results' 200 "$BASE/api/v2/execution/results/$MASTERPLAN_ID" -H "Authorization: Bearer $TEST_TOKEN"
holds 'results: atoms, precision, time' 'b.atoms_succeeded > 0 && b.precision && b.total_time_seconds >= 0'

# Monitoring
for p in executions/recent precision/recent users/active; do
  call "GET /api/v2/metrics/$p" 200 "$BASE/api/v2/metrics/$p" -H "Authorization: Bearer $ADMIN_TOKEN"
  call "GET /api/v2/metrics/$p as a plain user" 403 "$BASE/api/v2/metrics/$p" -H "Authorization: Bearer $TEST_TOKEN"
done

# Integrity, where a database is named
if [[ -n ${DATABASE_URL:-} ]] && command -v psql >/dev/null; then
  q() { psql "$DATABASE_URL" -XAtc "$1" 2>&1; }
  [[ $(q "SELECT COUNT(*) FROM masterplan_tasks WHERE NOT EXISTS (SELECT 1 FROM atomic_units WHERE task_id = masterplan_tasks.task_id)") == 0 ]] \
    && ok 'no task without an atom' || bad 'tasks without an atom'
  [[ $(q "SELECT AVG((context_json->>'completeness_score')::float) >= 0.95 FROM atomic_units") == t ]] \
    && ok 'context completeness >= 0.95' || bad "context completeness: $(q "SELECT AVG((context_json->>'completeness_score')::float) FROM atomic_units")"
  q "SELECT atom_id, name, estimated_loc, complexity FROM atomic_units LIMIT 10" | grep -q '|' && ok 'spot check of atoms' || bad 'spot check of atoms'
  [[ $(q "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema='public' AND table_name IN ('atomic_units','atom_dependencies','dependency_graphs','validation_results','execution_waves','atom_retry_history','human_review_queue')") == 7 ]] \
    && ok 'the seven tables' || bad 'the seven tables'
fi
echo "atoms: ${ATOMS:-0}"
echo "$passed passed, $failed failed"
((failed == 0))
