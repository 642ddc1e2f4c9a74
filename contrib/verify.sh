#!/bin/sh
# verify.sh SHA256:ROOT ID POLICY…: whether request ID ran with the signatures that these policies ask for.
# Stands alone: POSIX sh and awk, git, ssh-keygen, openssl, and a clone whose main it reads. ROOT is the fingerprint you pinned.
# Checked: every policy version up to the one that judged (predecessor, digests, both thresholds, allowed_signers made from
# roster.toml); the request's own commits only add files; signatures, digests, `repo`, `request`, `seen` of all records; nobody
# denied; claimed before its `expires`; each POLICY has its quorum of different people, none of them the requester, one not its operator.
# Not checked: which policies govern the command (yours to judge: without POLICY they are shown), the other steps of main, `root`,
# canonical spelling, weak keys and malleated signatures, to which ssh-keygen says Good. `expacti verify` checks all of these.
# Exit: 0 it holds, 1 it does not, 2 usage, 125 cannot tell: a rule or a spelling that is not read here.
set -eu
no() { echo "no: $*" >&2; exit 1; }; unsure() { echo "cannot tell: $*" >&2; exit 125; }
case ${2:-} in '' | *[!0-9a-f]*) sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2 ;; esac
pin=$1 id=$2 tmp=$(mktemp -d) GIT_DIR=$(git rev-parse --absolute-git-dir); shift 2
trap 'rm -rf "$tmp"' EXIT; export GIT_DIR GIT_NO_REPLACE_OBJECTS=1 LC_ALL=C
sum() { openssl dgst -sha256 -r "$1" | cut -c 1-64; }
value() { sed -n "s/^$2 = \"\{0,1\}\([^\"]*\)\"\{0,1\}\$/\1/p" "$1"; }            # FILE KEY
list() { sed -n "s/^$2 = \[\(.*\)\]\$/\1/p" "$1" | tr -d '" ' | tr ',' '\n'; }    # FILE KEY
signed() { ssh-keygen -Y verify -f "$5" -I "$1" -n "$2.v1@expacti" -s "$4" <"$3" >/dev/null 2>&1; } # WHO KIND FILE SIG SIGNERS
extract() { # COMMIT DIRECTORY INTO
    git ls-tree -r "$1" "$2/" >"$tmp/listing"; while read -r mode kind blob path; do
        case $mode$kind$path in *..*) no "$path" ;; 100644blob"$2"/*) mkdir -p "$(dirname "$3/${path#"$2"/}")" ;; *) no "$path" ;; esac
        git cat-file blob "$blob" >"$3/${path#"$2"/}"; done <"$tmp/listing"
}
flat() { # FILE: people's TOML, one line a key; a spelling that is not read here ends in a line `?`
    awk '/"""|'"'"'/ { print "?"; exit }
        { for (i = 1; i <= length($0); i++) { c = substr($0, i, 1)
            if (c == "\"") text = !text; else if (text && c == "\\") { line = line c; c = substr($0, ++i, 1) }
            else if (!text && c == "#") break; else if (!text) depth += (c ~ /[[{]/) - (c ~ /[]}]/)
            line = line c }
          if (text) { print "?"; exit } if (!depth) { sub(/^[ \t]+/, "", line); if (line != "") print line; line = "" } }' "$1"
}
signers() { # ROSTER: the allowed_signers that it makes
    flat "$1" | awk -F '"' '/^\?/ { print } /^\[/ { ours = /principals/ } !ours { next } /^id *=/ { id = $2 } /^kind *=/ { kind = $2 }
        /^keys *=/ { own = (kind == "person" ? "decision.v1@expacti," : "request.v1@expacti,") "claim.v1@expacti,outcome.v1@expacti"
          if (kind == "person") own = own ",root.v1@expacti,request.v1@expacti"
          for (i = 2; i <= NF; i += 2) { split($i, key, " "); print id " namespaces=\"" own "\" " key[1] " " key[2] } }' | sort
}
enough() { # VERSION WHOSE: the threshold of the admins of WHOSE have signed VERSION
    count=0; for admin in $(list "$2/root.toml" admins); do
        ! signed "$admin" root "$1/root.toml" "$1/root.toml.$admin.sig" "$2/allowed_signers" || count=$((count + 1)); done
    [ "$count" -ge "$(value "$2/root.toml" threshold)" ] || no "policy ${1##*/} has $count signatures by admins of policy ${2##*/}"; }
record() { # WHO KIND FILE, made on records of $stands
    signed "$1" "$2" "$3" "$3.sig" "$now/allowed_signers" || no "$3 is not signed by $1"
    [ "$(value "$3" repo)" = "$(sum "$tmp/1/root.toml")" ] || no "$3 is of another repository"
    grep -qx "$(value "$3" base)" "$tmp/steps" || no "$3 was not made on this main"
    [ "$2" = request ] || [ "$(value "$3" request)" = "$(sum request.toml)" ] || no "$3 speaks of another request"
    for digest in $(list "$3" seen); do case $stands in *$digest*) ;; *) no "$3 was made on a record that is not there" ;; esac; done; }
added() { git log --first-parent -m --reverse --diff-filter=A --format=%H main -- "requests/????/??/??/$id/$1" | head -n 1; }
quorum='function people(who, i, n, part, at) { if (who in members) { n = split(members[who], part, " ")
      for (at = 1; at <= n; at++) people(part[at], i) } else if (kind[who] == "person") may[i, who] = pool[who] = 1 }
    function seat(i, p) { for (p in here) if (may[i, p] && !(p in tried)) { tried[p]; if (!(p in sits) || seat(sits[p])) { sits[p] = i; return 1 } } return 0 }
    /^\?/ { odd = 1 } /^===/ { rules = 1; next } /^\[/ { odd += found && /policies *\./; section = $0; name = ""; next }
    { key = $1; sub(/[ \t]*=.*/, "", key); words = " "; for (i = 2; i <= NF; i += 2) words = words $i " " }
    section ~ /principals/ { if (key == "id") name = $2; kind[name] = key == "kind" ? $2 : kind[name]; if (key == "operators") runs[name] = words }
    section ~ /groups/ { members[key] = words }
    section ~ /approval_policies/ { if (key == "name") name = $2; odd += name == ""; if (name != policy) next
      found = 1; rule[key] = key ~ /reviewers/ ? words : $2; if (key == "min_approvals") { split($1, half, "="); rule[key] = half[2] + 0 }
      odd += key !~ /^(name|pattern|pattern_type|environments|requesters|timeout|match|not_match|requirement|reviewers|min_approvals|operators)$/
      odd += key == "reviewers" && /[{\/]/ }
    END { if (odd || !found || rule["requirement"] !~ /^(any_of|all_of)$/) exit 125
      n = split(approvers, list, " "); for (i = 1; i <= n; i++) if (kind[list[i]] == "person" && list[i] != asker) here[list[i]]
      n = split(rule["reviewers"], entry, " "); for (i = 1; i <= n; i++) people(entry[i], i)
      for (p in here) if (index(runs[asker], " " p " ") && rule["operators"] == "exclude") delete here[p]
      for (p in here) if (p in pool) { count++; outsider += !index(runs[asker], " " p " ") || rule["operators"] == "count" }
      for (i = 1; i <= n; i++) { split("", tried); seats += seat(i) }
      exit !(outsider && (rule["requirement"] == "all_of" ? seats == n : count >= ("min_approvals" in rule ? rule["min_approvals"] : 1))) }'
claim=$(added claim.toml); [ -n "$claim" ] || no "no claim of $id on main"; git rev-list --first-parent main >"$tmp/steps"
[ "$(added request.toml)" = "$claim" ] || no "it had ended before it was claimed"
judged=$claim^1 chain=$claim^2 number=1 previous=''
while version=policy/$(printf %06d "$number"); git cat-file -e "$judged:$version" 2>/dev/null; do
    now=$tmp/$number; extract "$judged" "$version" "$now"
    [ "$(value "$now/root.toml" version) $(value "$now/root.toml" previous)" = "$number $previous" ] || no "policy $number is out of order"
    [ -n "$previous" ] || [ "SHA256:$(openssl dgst -sha256 -binary "$now/root.toml" | openssl base64 | tr -d =)" = "$pin" ] || no "another root"
    for file in config roster; do [ "$(sum "$now/$file.toml")" = "$(value "$now/root.toml" "\"$file.toml\"")" ] || no "another $file.toml"; done
    signers "$now/roster.toml" | cmp -s - "$now/allowed_signers" || unsure "allowed_signers of policy $number is not what its roster.toml makes"
    [ -z "$previous" ] || enough "$now" "$tmp/$((number - 1))"; enough "$now" "$now"
    previous=$(sum "$now/root.toml") number=$((number + 1)); done
[ -n "$previous" ] || no "no policy on main"; dir=$(git ls-tree -r --name-only "$claim" requests/ | sed -n "s|/$id/claim.toml\$|/$id|p"); extract "$claim" "$dir" "$tmp/own"; cd "$tmp/own"
asker=$(value request.toml requester) base=$(value request.toml base) until=$(value request.toml expires) approvers=''
stands=$(for file in decisions/*.toml request.toml; do [ ! -e "$file" ] || sum "$file"; done | sort)
[ "$(sum request.toml | cut -c 1-32)" = "$id" ] || no "request.toml makes another id"
[ "$(git rev-parse "$claim:$dir")" = "$(git rev-parse "$chain:$dir")" ] || no "what landed is not what its chain holds"
[ "$(git rev-list --count --min-parents=2 "$base..$chain")" = 0 ] || no "its chain merges"
[ -z "$(git log --no-renames --format= --name-status "$base..$chain" | grep -v "^A.$dir/")" ] || no "its chain does more than add its files"
record "$asker" request request.toml; record "$(value request.toml runner)" claim claim.toml
for file in decisions/*.toml; do
    [ -e "$file" ] || continue; who=$(value "$file" reviewer) approvers="$approvers $who"; record "$who" decision "$file"
    [ "$file" = "decisions/$who.$(sum "$file" | cut -c 1-12).toml" ] && [ "$(value "$file" verdict)" = approve ] || no "$file is no approval"; done
[ "$(list claim.toml seen)" = "$stands" ] || no "the claim does not rest on exactly the records before it"
[ "$(printf '%s\n' "$(value claim.toml claimed)" "$until" | sort | tail -n 1)" = "$until" ] || no "it was claimed too late"
outcome=$(added outcome.toml); [ "$outcome" != "$claim" ] || no "claim and outcome in one step"; [ -z "$outcome" ] || { extract "$outcome" "$dir" "$tmp/end"; cd "$tmp/end"; stands="$stands $(sum claim.toml)"
    author=$(value outcome.toml author); [ "$author" = "$(value claim.toml runner)" ] || list "$now/root.toml" admins | grep -qx "$author" || no "outcome by $author"
    record "$author" outcome outcome.toml; }
{ flat "$now/roster.toml"; echo ===; flat "$now/config.toml"; } >"$tmp/rules"
[ $# -gt 0 ] || { sed -n '/^\[command\]/,/^$/p' request.toml; cat "$now/config.toml"; unsure "name the policies that govern it"; }
for policy in "$@"; do
    status=0; awk -F '"' -v policy="$policy" -v asker="$asker" -v approvers="$approvers" "$quorum" "$tmp/rules" || status=$?
    case $status in 0) ;; 1) no "policy $policy lacks its quorum" ;; *) unsure "policy $policy has rules not read here" ;; esac; done
echo "request $id, approved by$approvers, claimed by $(value request.toml runner): the signatures hold"
