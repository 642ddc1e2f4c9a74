#!/usr/bin/env bash
# The report of a repository made through the real binary, opened in a real browser. Run after `setup`.
#
#   tests/real/report.sh [BINARY]      default: target/debug/expacti
#
# The browser must find a page that draws, in light and dark and narrow, and that runs nothing, fetches nothing and breaks no rule of its own.
set -euo pipefail

binary=$(realpath "${1:-target/debug/expacti}")
[[ -x $binary ]] || { echo "no expacti at $binary"; exit 1; }
for tool in chromium python3 git; do
    command -v "$tool" >/dev/null || { echo "no $tool: run tests/real/setup"; exit 1; }
done
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
checks=0
ok() { checks=$((checks + 1)); echo "ok $checks - $1"; }
fail() { echo "not ok - $1"; exit 1; }

# A person, an agent of theirs, another person who reviews, and an auditor without a key.
as() { # WHO ARGUMENT…
    local who=$1; shift
    env -i PATH="$PATH" HOME="$stage/$who" EXPACTI_HOME="$stage/$who/expacti" "$binary" "$@" </dev/null
}
declare -A key
for who in alice bob bot auditor; do
    mkdir -p "$stage/$who"
    as "$who" identity new "$who" >/dev/null
    key[$who]=$(as "$who" --json identity list | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["key"])')
    file=$(as "$who" --json identity list | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["path"])')
    printf 'key = "%s"\n' "$file" >"$stage/$who/expacti/config/settings.toml"
done
mkdir "$stage/drafts"
cat >"$stage/drafts/roster.toml" <<END
[trust]
admins = ["alice"]
threshold = 1
[[principals]]
id = "alice"
kind = "person"
keys = ["${key[alice]}"]
[[principals]]
id = "bob"
kind = "person"
keys = ["${key[bob]}"]
[[principals]]
id = "bot"
kind = "agent"
operators = ["alice"]
keys = ["${key[bot]}"]
END
cat >"$stage/drafts/config.toml" <<END
[[approval_policies]]
name = "everything"
pattern = "*"
requirement = "any_of"
reviewers = ["alice", "bob"]
END
root=$(as alice --json init --from "$stage/drafts" "$stage/approvals.git" | python3 -c 'import json, sys; print(json.load(sys.stdin)["root"])')
for who in bob bot auditor; do as "$who" join "$stage/approvals.git" --root "$root" >/dev/null 2>&1; done

harm='</td><script>document.title="ran";fetch("https://evil.example/")</script><img src=https://evil.example/x onerror=alert(1)>'
ask() { # ARGUMENT…: the id; 122 says that it is pending
    (cd "$stage" && as bot run --no-wait --reason "$harm" -- true "$@" 2>/dev/null || true) | cut -d' ' -f1
}
for number in 1 2 3 4 5 6; do
    id=$(ask "$number")
    as bob approve "$id" --yes --comment "$harm" >/dev/null 2>&1
    (cd "$stage" && as bot resume "$id" >/dev/null 2>&1) || fail "request $number did not run"
done
id=$(ask no)
as bob deny "$id" --yes --reason "$harm" >/dev/null 2>&1
(cd "$stage" && as auditor audit report --framework soc2 -o "$stage/report.html" >"$stage/said")
grep -q '^HOLDS' "$stage/said" || fail "the report: $(cat "$stage/said")"
python3 -m json.tool "$stage/report.json" >/dev/null || fail "the twin is no JSON"
ok "page and twin are written, and it holds"

# FLAGS… of a browser of its own; what it complains of goes to a log.
browse() {
    chromium --headless=new --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$stage/profile" \
        --enable-logging=stderr --v=0 "$@" 2>>"$stage/log"
}
# What is asked of the network by any page goes through a proxy that nobody serves, and into this log.
browse --log-net-log="$stage/net.json" --proxy-server=127.0.0.1:9 --dump-dom "file://$stage/report.html" >"$stage/dom"
grep -q 'id="duties"' "$stage/dom" && grep -q '</html>' "$stage/dom" || fail "the browser did not read the page"
grep -q '<title>HOLDS' "$stage/dom" || fail "a script has changed the title"
! grep -qi '<script' "$stage/dom" || fail "a script element in the document"
! grep -Eqi 'CONSOLE|Content.Security|Refused to' "$stage/log" || { cat "$stage/log"; fail "the page complains"; }
! grep -q 'evil.example' "$stage/net.json" || fail "the page asked for evil.example"
ok "nothing runs, nothing is fetched, nothing is refused"

# The policy of the page is in force: what a script would do in it is refused, and the checks above would have seen it.
sed 's|</body>|<script>document.title="ran"</script><img src="http://127.0.0.1:9/x"></body>|' "$stage/report.html" >"$stage/evil.html"
: >"$stage/log"
browse --dump-dom "file://$stage/evil.html" >"$stage/evil-dom"
grep -q '<title>HOLDS' "$stage/evil-dom" || fail "a script ran in spite of the policy"
grep -Eqi 'Content.Security' "$stage/log" || fail "the browser does not say what it refuses"
ok "what is put into the page afterwards is refused"

# Without it both happen, and are seen: the checks above can fail.
sed 's|<meta http-equiv="Content-Security-Policy"[^>]*>||; s|http://127.0.0.1:9/x|https://evil.example/x|' "$stage/evil.html" >"$stage/bare.html"
browse --log-net-log="$stage/bare.json" --proxy-server=127.0.0.1:9 --dump-dom "file://$stage/bare.html" >"$stage/bare-dom"
grep -q '<title>ran' "$stage/bare-dom" && grep -q 'evil.example' "$stage/bare.json" || fail "the browser hides what a page does"
ok "without its policy the same page runs and fetches, and that is seen"

# PNG: how many colours, without a library.
colours() {
    python3 - "$1" <<'END'
import struct, sys, zlib
data = open(sys.argv[1], "rb").read()
at, packed = 8, b""
while at < len(data):
    size, kind = struct.unpack(">I4s", data[at : at + 8])
    body = data[at + 8 : at + 8 + size]
    if kind == b"IHDR":
        width, height, _, colour = struct.unpack(">IIBB", body[:10])
    if kind == b"IDAT":
        packed += body
    at += size + 12
step = {2: 3, 6: 4}[colour]
raw, line, before, seen = zlib.decompress(packed), width * step, bytes(width * step), set()
for row in range(height):
    filter, now = raw[row * (line + 1)], bytearray(raw[row * (line + 1) + 1 : (row + 1) * (line + 1)])
    for i in range(line):
        a = now[i - step] if i >= step else 0
        b, c = before[i], before[i - step] if i >= step else 0
        if filter == 1: now[i] = (now[i] + a) & 255
        elif filter == 2: now[i] = (now[i] + b) & 255
        elif filter == 3: now[i] = (now[i] + (a + b) // 2) & 255
        elif filter == 4:
            p = a + b - c
            now[i] = (now[i] + min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]) & 255
    before = bytes(now)
    seen.update(before[i : i + step] for i in range(0, line, step))
print(width, height, len(seen), *before[:3])
END
}
sed 's/@media (prefers-color-scheme: dark)/@media all/' "$stage/report.html" >"$stage/dark.html"
for view in report:1280,900 dark:1280,900 report:420,900; do
    page=${view%%:*} size=${view##*:}
    browse --window-size="$size" --screenshot="$stage/$page.png" "file://$stage/$page.html"
    read -r width height number red _ <<<"$(colours "$stage/$page.png")"
    ((number > 40)) || fail "$page at $size is blank: $number colours"
    case $page in dark) ((red < 64)) ;; *) ((red > 192)) ;; esac || fail "$page at $size has the wrong background: $red"
    ok "$page at $size draws: ${width}x$height, $number colours"
done
echo "1..$checks"
