#!/usr/bin/env bash
# Walks through every feature of a running Sluice in the demo profile with curl, and says what it sees.
# Exits with 1 at the first thing that is not as it should be.
#
#   scripts/full-demo.sh [base-url]        (http://127.0.0.1:8080)
set -euo pipefail

base=${1:-http://127.0.0.1:8080}
base=${base%/}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
body=$work/body
head=$work/head
checks=0

# --- how things are checked --------------------------------------------------------------------------------------

step() { printf '\n%s\n' "== $*"; }

ok() {
    checks=$((checks + 1))
    printf '   %s\n' "$*"
}

wrong() {
    printf '   WRONG: %s\n' "$*" >&2
    printf '   The last answer: %s\n%s\n' "$(head -n 1 "$head" 2>/dev/null)" "$(head -c 600 "$body" 2>/dev/null)" >&2
    exit 1
}

# call STATUS PATH [curl options]: the answer is in $body and $head; anything but STATUS ends the demo
call() {
    local expected=$1 path=$2 status
    shift 2
    status=$(curl -sS -g -o "$body" -D "$head" -w '%{http_code}' "$@" "$base$path") || wrong "curl $path failed with exit code $?"
    [ "$status" = "$expected" ] || wrong "$path answers $status, not $expected"
}

# problem STATUS CODE PATH [curl options]: the answer is a problem document with this code, and nothing else
problem() {
    local status=$1 code=$2
    shift 2
    call "$status" "$@"
    header '^content-type: application/problem\+json'
    [ "$(json code)" = "$code" ] || wrong "$1 has the code $(json code), not $code"
    [ "$(json status)" = "$status" ] || wrong "the problem document has another status"
    ok "$1: $status $code, \"$(json detail)\""
}

# json NAME: the member of this name in the body, a text or a number
json() { sed -nE "s/.*\"$1\":(\"((\\\\.|[^\"\\])*)\"|([0-9]+)).*/\2\4/p" "$body"; }

has() { grep -qF -- "$1" "$body" || wrong "the body lacks $1"; }
lacks() { ! grep -qF -- "$1" "$body" || wrong "the body has $1"; }
header() { tr -d '\r' <"$head" | grep -qiE -- "$1" || wrong "no header like $1"; }
lines() { [ "$(wc -l <"$body")" -eq "$1" ] || wrong "$(wc -l <"$body") lines, not $1"; }
first_line() { [ "$(head -n 1 "$body")" = "$1" ] || wrong "the first line is not $1"; }

heap() {
    call 200 /api/stats -H 'Authorization: Bearer secret-admin-123'
    sed -n 's/.*"heap":{"used":\([0-9]*\).*/\1/p' "$body"
}

mebibytes() { awk -v bytes="$1" 'BEGIN { printf "%.1f MiB", bytes / 1048576 }'; }

encode() {
    local text=$1 i c
    for ((i = 0; i < ${#text}; i++)); do
        c=${text:i:1}
        case $c in [a-zA-Z0-9._~-]) printf '%s' "$c" ;; *) printf '%%%02X' "'$c" ;; esac
    done
}

# --- health ------------------------------------------------------------------------------------------------------

step "Health"
call 200 /health/live
call 200 /health/ready
header '^x-request-id: .'
ok "live and ready"
heap_before=$(heap)
[ -n "$heap_before" ] || wrong "/api/stats tells no heap"
ok "heap in use before: $(mebibytes "$heap_before")"

step "Pages"
for page in / /exports; do
    call 200 $page
    header '^content-type: text/html'
    header "^content-security-policy: default-src 'none'"
    ok "$page"
done

# --- exports -----------------------------------------------------------------------------------------------------

step "Exports: the catalogue"
call 200 /api/export
for dataset in users tasks logs events; do
    has "\"name\":\"$dataset\""
done
ok "users, tasks, logs and events"

step "Exports: formats"
user_header=id,email,name,roles,created_at
call 200 '/api/export/users?limit=3'
header '^content-type: application/x-ndjson'
header '^content-disposition: attachment; filename="users.ndjson"'
header '^cache-control: no-store'
header '^sluice-rows: 3$'
lines 3
has '"createdAt":"2016-01-01T00:05:12.345678+00:00"'
ok "NDJSON: $(head -c 100 "$body") ..."
call 200 '/api/export/users.csv?limit=3'
header '^content-type: text/csv'
header '^content-disposition: attachment; filename="users.csv"'
first_line "$user_header"
ok "CSV: $(sed -n 2p "$body")"
call 200 '/api/export/users.json?limit=3'
header '^content-type: application/json'
[ "$(head -c 1 "$body")" = '[' ] || wrong "no array"
ok "JSON: one array"
call 200 '/api/export/users?limit=1' -H 'Accept: text/csv'
first_line "$user_header"
call 200 '/api/export?dataset=users&format=csv&limit=1'
first_line "$user_header"
ok "the format by Accept, and by format="
for dataset in users tasks logs events; do
    for format in ndjson csv json; do
        call 200 "/api/export/$dataset.$format?limit=1000"
        [ -s "$body" ] || wrong "$dataset.$format is empty"
    done
done
ok "every dataset in every format"

step "Exports: choice of columns and rows"
call 200 '/api/export/users.csv?select=email,id&limit=1'
first_line email,id
call 200 '/api/export/users?email=eq.user7@example.com'
lines 1
has user7@example.com
call 200 '/api/export/users?email=in.(user7@example.com,user8@example.com)'
lines 2
call 200 '/api/export/users?email=like.user99*@example.com&created_at=lt.2016-01-05T00:00:00Z&select=email'
lines 11
call 200 '/api/export/users?or=(email.eq.user1@example.com,email.eq.user2@example.com)&select=email'
lines 2
ok "select, eq, in, like with lt, or"
call 200 '/api/export/tasks?order=priority.desc,id&limit=2&offset=1'
lines 2
has '"priority":10'
call 200 '/api/export/tasks?status=eq.done&priority=gte.9&select=id,status'
lacks '"status":"pending"'
call 200 '/api/export/logs?status=is.null&limit=5'
lines 5
has '"status":null'
call 200 '/api/export/logs?status=not.is.null&limit=5'
lacks '"status":null'
ok "order, offset, gte, is.null, not.is.null"

step "Exports: page by page, by key"
call 200 '/api/export/users.csv?select=created_at,id&limit=2&header=false'
second=$(sed -n 2p "$body")
call 200 '/api/export/users.csv?select=created_at,id&limit=3&header=false'
third=$(sed -n 3p "$body")
after=$(encode "[\"${second%,*}\",\"${second#*,}\"]")
call 200 "/api/export/users.csv?select=created_at,id&limit=1&header=false&after=$after"
first_line "$third"
call 200 '/api/export/tasks?after=10&limit=1'
has '"id":11,'
ok "after= goes on where a page ended"
call 200 '/api/export/users.csv?limit=3&excel=true'
cp "$body" "$work/whole"
call 200 '/api/export/users.csv?limit=2&excel=true'
cp "$body" "$work/parts"
call 200 "/api/export/users.csv?limit=1&excel=true&header=false&after=$after"
cat "$body" >>"$work/parts"
cmp -s "$work/whole" "$work/parts" || wrong "a continued file differs from a whole one"
ok "header=false and after= continue a broken file"
call 200 /client/export.js
has 'exportRows'
ok "the client that goes on by itself"

step "Exports: options"
call 200 '/api/export/tasks.csv?limit=2&header=false&delimiter=%3B&null=NULL&select=id,status'
lines 2
first_line '1;pending'
call 200 '/api/export/users.csv?limit=1&excel=true'
[ "$(head -c 3 "$body" | od -An -tx1 | tr -d ' ')" = efbbbf ] || wrong "no byte order mark"
call 200 '/api/export/events.csv?select=id,c_text&excel=true'
has "'=1+1"
call 200 '/api/export/users?limit=2&end=true'
[ "$(tail -n 1 "$body")" = '{"_end":{"rows":2}}' ] || wrong "no end record"
ok "header, delimiter, null, excel, end"
call 200 '/api/export/users?limit=1000' -H 'Accept-Encoding: gzip'
header '^content-encoding: gzip'
[ "$(gzip -dc <"$body" | wc -l)" -eq 1000 ] || wrong "the gzip stream does not hold 1000 lines"
ok "gzip: 1000 rows in $(wc -c <"$body") bytes"
call 200 /api/export/users.csv -I
header '^content-type: text/csv'
[ ! -s "$body" ] || ! grep -q user1 "$body" || wrong "HEAD has a body"
ok "HEAD"

step "Exports: everything"
began=$(date +%s%N)
call 200 /api/export/users
rows=$(wc -l <"$body")
header "^sluice-rows: $rows\$"
ok "users as NDJSON: $rows rows, $(mebibytes "$(wc -c <"$body")") in $((($(date +%s%N) - began) / 1000000)) ms"
call 200 /api/export/users.csv
header "^sluice-rows: $rows\$"
lines $((rows + 1))
ok "users as CSV: the same number"

step "Short paths"
call 200 /export/users
header 'filename="users.csv"'
first_line "$user_header"
call 200 /stream/logs
header '^content-type: application/x-ndjson'
call 200 /stream/data
header '^content-type: application/x-ndjson'
ok "/export/users, /stream/logs, /stream/data"

step "Exports: what is refused"
problem 404 not_found /api/export/nothing
call 400 '/api/export/users?nothing=eq.1'
has nothing
call 400 '/api/export/users?email=resembles.x'
has resembles
call 400 '/api/export/users?id=eq.notauuid'
header '^content-type: application/problem\+json'
has id
call 400 "/api/export/users?id=eq.$(encode "'; drop table demo.users; --")"
call 400 '/api/export/users?after=1&order=id'
call 400 '/api/export/users?limit=-1'
ok "unknown column, operator, ill-typed and hostile values, after with order, a negative limit: 400"
call 406 /api/export/users -H 'Accept: image/png'
call 405 /api/export/users -X DELETE
header '^allow: .*GET'
call 426 '/api/export/users?limit=1' --http1.0
call 200 '/api/export/users?limit=1&end=true' --http1.0
ok "406, 405 with Allow, 426 for HTTP/1.0 unless end=true"
call 200 '/api/export/users?limit=1'
ok "and users is still there"

# --- rooms -------------------------------------------------------------------------------------------------------

step "Rooms: what admins do"
room=walk-$$-$(date +%s)
moderator=(-H 'Authorization: Bearer secret-admin-123' -H 'Content-Type: application/json')
call 200 /api/publish "${moderator[@]}" -d "{\"channel\":\"room:$room\",\"data\":{\"from\":\"Ann\",\"text\":\"a slip\"}}"
[ "$(json offset)" = 1 ] || wrong "the first message has another offset than 1"
call 200 /api/publish "${moderator[@]}" -d "{\"channel\":\"room:$room\",\"data\":{\"from\":\"Ann\",\"text\":\"well said\"}}"
call 401 "/api/rooms/$room/messages/1" -X DELETE
call 403 "/api/rooms/$room/messages/1" -X DELETE -H 'Authorization: Bearer secret-user-123'
call 204 "/api/rooms/$room/messages/1" -X DELETE "${moderator[@]}"
call 200 "/api/export/chat_messages.csv?select=name,text&room=eq.$room" "${moderator[@]}"
lines 2
has 'Ann,well said'
lacks 'a slip'
ok "a message is taken back; the rest is the dataset chat_messages"
call 200 "/api/rooms/$room/mutes" "${moderator[@]}" -d '{"userId":"somebody","seconds":60}'
call 200 "/api/rooms/$room/mutes" "${moderator[@]}"
has '"userId":"somebody"'
call 204 "/api/rooms/$room/mutes?userId=somebody" -X DELETE "${moderator[@]}"
ok "somebody is muted, and may speak again"

# --- accounts ----------------------------------------------------------------------------------------------------

step "Accounts"
json_type='Content-Type: application/json'
problem 401 unauthorized /api/auth/me
call 401 /api/auth/me -H 'Authorization: Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.'
call 401 /api/auth/login -H "$json_type" -d '{"email":"alice@example.com","password":"wrong"}'
call 200 /api/auth/login -H "$json_type" -d '{"email":"alice@example.com","password":"alice-demo"}'
header '^set-cookie: .*httponly'
access=$(json accessToken)
refresh=$(json refreshToken)
alice="Authorization: Bearer $access"
[ -n "$access" ] && [ -n "$refresh" ] || wrong "no tokens"
ok "sign-in, wrong password and unsigned token refused"
call 200 /api/auth/me -H "$alice"
has alice@example.com
call 200 /api/auth/sessions -H "$alice"
ok "me, sessions"
call 200 /api/auth/refresh -H "$json_type" -d "{\"refreshToken\":\"$refresh\"}"
successor=$(json refreshToken)
alice="Authorization: Bearer $(json accessToken)"
[ "$successor" != "$refresh" ] || wrong "the refresh token is not rotated"
call 200 /api/auth/refresh -H "$json_type" -d "{\"refreshToken\":\"$refresh\"}"
[ "$(json refreshToken)" = "$successor" ] || wrong "the old token gives another successor within its grace"
ok "refresh: rotated; the old token gives the same successor for 30 s"
call 200 /api/auth/ticket -X POST -H "$alice"
[ -n "$(json ticket)" ] || wrong "no ticket"
ok "ticket, for $(json expiresIn) s"
call 201 /api/auth/keys -H "$alice" -H "$json_type" -d '{"name":"demo"}'
key=$(json key)
key_id=$(json id)
[ -n "$key" ] && [ -n "$key_id" ] || wrong "no key"
call 200 /api/auth/keys -H "$alice"
has "$key_id"
lacks "$key"
call 200 '/api/export/users?limit=1' -H "Authorization: Bearer $key"
call 204 "/api/auth/keys/$key_id" -X DELETE -H "$alice"
call 401 /api/auth/me -H "Authorization: Bearer $key"
ok "API key: made, used, listed without its secret, revoked"
email="demo-$(date +%s)-$$@example.com"
call 201 /api/auth/register -H "$json_type" -d "{\"email\":\"$email\",\"password\":\"a-long-password\",\"name\":\"Demo\"}"
ok "registration of $email"
call 403 /api/users -H "$alice"
call 200 /api/auth/login -H "$json_type" -d '{"email":"admin@example.com","password":"admin-demo"}'
admin="Authorization: Bearer $(json accessToken)"
call 200 /api/users -H "$admin"
has alice@example.com
ok "/api/users: for admins alone"
call 204 /api/auth/logout -X POST -H "$alice" -H "$json_type" -d "{\"refreshToken\":\"$successor\"}"
call 401 /api/auth/refresh -H "$json_type" -d "{\"refreshToken\":\"$successor\"}"
ok "sign-out: the refresh token is void"

# --- channels ----------------------------------------------------------------------------------------------------

# api METHOD JSON: what an application says to the server API
api() { call 200 "/api/$1" -H "$json_type" -H 'X-API-Key: secret-admin-123' -d "$2"; }

step "Channels: the server API"
channel=demo:walk-$$-$(date +%s)
call 401 /api/publish -H "$json_type" -d "{\"channel\":\"$channel\",\"data\":1}"
call 403 /api/publish -H "$json_type" -H 'X-API-Key: secret-user-123' -d "{\"channel\":\"$channel\",\"data\":1}"
api publish "{\"channel\":\"$channel\",\"data\":{\"n\":1},\"idempotency_key\":\"first\"}"
[ "$(json offset)" = 1 ] || wrong "the first publication has another offset than 1"
epoch=$(json epoch)
api publish "{\"channel\":\"$channel\",\"data\":{\"n\":1},\"idempotency_key\":\"first\"}"
[ "$(json offset)" = 1 ] || wrong "the same key publishes twice"
ok "publish; the same key again publishes nothing"
api broadcast "{\"channels\":[\"$channel\",\"nowhere:a\"],\"data\":{\"n\":2}}"
has '"code":102'
api batch "{\"commands\":[{\"publish\":{\"channel\":\"$channel\",\"data\":{\"n\":3}}},{\"presence_stats\":{\"channel\":\"$channel\"}}]}"
has '"num_clients":0'
ok "broadcast and batch: an answer for each"
api history "{\"channel\":\"$channel\",\"limit\":10,\"since\":{\"epoch\":\"$epoch\",\"offset\":1}}"
lacks '{"n":1}'
has '{"n":2}'
has '{"n":3}'
ok "history since an offset"
api info '{}'
has '"num_channels":'
call 426 /connection/websocket
call 426 /ws
ok "info; sockets want an upgrade"

# --- operations --------------------------------------------------------------------------------------------------

step "Operations"
call 200 /api/stats -H "$admin"
has '"exports":'
has '"pools":'
call 200 /metrics -H "$admin"
grep -q '^# TYPE ' "$body" || wrong "/metrics is no Prometheus text"
grep -q '^sluice_export' "$body" || wrong "/metrics tells nothing of exports"
ok "/api/stats, /metrics ($(grep -c '^# TYPE' "$body") metrics)"
problem 404 not_found /nothing
status=$(curl -s -o "$body" -D "$head" -w '%{http_code}' "$base/dev/sluice/launch/Main.class")
case $status in 403 | 404) ;; *) wrong "a class of the program is served ($status)" ;; esac
ok "program files are not served"
heap_after=$(heap)
ok "heap in use before: $(mebibytes "$heap_before"), after: $(mebibytes "$heap_after") (garbage included)"

printf '\nAll %s checks are as they should be.\n' "$checks"
