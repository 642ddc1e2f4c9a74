# What an attack has at hand: git, ssh-keygen, and the keys that somebody holds. Every build.sh is read after this file, by `sh -eu`.
#
# On the history (classes signature, tree, identity, history), in an empty directory:
#   GIT_DIR   the bare policy repository, with what `tests/it/attacks/fixture.rs` wrote there: policy 1 (touch * needs two
#             of alice, bob and carol, who are admins, two of three), a request that ran, and an open one
#   ID DIR    the open request, its directory below `requests/`; alice has approved it, bob has not
#   TIP BASE  the newest commit of its branch, and the commit of main it starts from
#   MAIN      the tip of main; FIRST its genesis; OLDER the step before the tip
#   DONE      the directory of the request that ran
#   REPO ROOT REQUEST   digests of the genesis root, of the root in force, of request.toml
#   SEEN      digests of the open request's records, as they stand in a record
#   KEYS      a directory of private keys: everyone's; who uses whose is the attack
#   NOW       the time on every clock
#
# On the run (classes binding, environment): see `as` and below.

# --- trees and commits, in the index ---

# The index holds the tree of this commit.
take() { git read-tree "$1"; }

# put PATH: adds standard input. MODE is 100644 but where the attack says so.
put() { git update-index --add --cacheinfo "${MODE:-100644},$(git hash-object -w --stdin),$1"; }

# drop PATH: takes a file out.
drop() { git update-index --force-remove -- "$1"; }

# keep COMMIT DIRECTORY: adds a directory as it is in that commit.
keep() { git rm -r -q --cached --ignore-unmatch -- "$2" >keep.log; git read-tree --prefix="$2/" "$1:$2"; }

# commit PARENT…: the index as a commit; prints its name.
commit() {
    parents=
    for parent in "$@"; do parents="$parents -p $parent"; done
    # shellcheck disable=SC2086 # names of commits
    git commit-tree -m x $parents "$(git write-tree)"
}

# push BRANCH COMMIT: what the server takes, unless it forbids force.
push() { git update-ref "refs/heads/$1" "$2"; }

# --- trees that git itself would not write ---

# bytes HEX: those bytes.
bytes() { echo "$1" | fold -w 2 | while read -r byte; do printf "\\$(printf %03o "0x$byte")"; done; }

# entry MODE NAME OBJECT: one entry of a tree, as it is stored.
entry() {
    printf '%s %s\000' "$1" "$2"
    bytes "$3"
}

# stored TREE: its entries, as they are stored.
stored() { git cat-file tree "$1"; }

# tree: standard input as a tree, whatever it is; prints its name.
tree() { git hash-object -t tree -w --literally --stdin; }

# replant COMMIT DIRECTORY TREE: the commit's tree with another one at that path; prints its name.
replant() {
    path=$2
    new=$3
    while :; do
        case $path in */*) above=${path%/*} ;; *) above= ;; esac
        new=$(git ls-tree "$1:$above" | sed "s/^\(.* tree \)[0-9a-f]*\(.${path##*/}\)\$/\1$new\2/" | git mktree)
        [ -n "$above" ] || break
        path=$above
    done
    echo "$new"
}

# --- records ---

# sign WHO KIND: the signature over standard input, in the namespace of that kind of record.
sign() { ssh-keygen -q -Y sign -f "$KEYS/$1" -n "${NAMESPACE:-$2.v1@expacti}" 2>sign.log; }

digest() {
    sum=$(sha256sum)
    echo "${sum%% *}"
}

# decision WHO VERDICT: what an honest reviewer would sign.
decision() {
    cat <<RECORD
schema = "expacti/decision/v1"
repo = "$REPO"
base = "$BASE"
root = "$ROOT"
request = "$REQUEST"
seen = [$SEEN]
reviewer = "$1"
verdict = "$2"
comment = ""
card = "$REQUEST"
shown = "$NOW"
decided = "$NOW"
RECORD
}

# claim RUNNER: with SEEN as it stands.
claim() {
    cat <<RECORD
schema = "expacti/claim/v1"
repo = "$REPO"
base = "$BASE"
root = "$ROOT"
request = "$REQUEST"
seen = [$SEEN]
runner = "$1"
nonce = "${NONCE:-02020202020202020202020202020202}"
claimed = "${CLAIMED:-$NOW}"
RECORD
}

# outcome AUTHOR ENDING…: its last lines as they are given.
outcome() {
    cat <<RECORD
schema = "expacti/outcome/v1"
repo = "$REPO"
base = "$BASE"
root = "$ROOT"
request = "$REQUEST"
seen = [$SEEN]
author = "$1"
recorded = "$NOW"
RECORD
    shift
    printf '%s\n' "$@"
}

# record PATH FILE KEY KIND: a file of the request and its signature by that key.
record() {
    sign "$3" "$4" <"$2" >"$2.sig"
    git hash-object -w --no-filters "$2" "$2.sig" >blobs
    { read -r file; read -r signature; } <blobs
    printf '100644 %s\t%s\n' "$file" "$DIR/$1" "$signature" "$DIR/$1.sig" | git update-index --index-info
}

# decide WHO FILE [KEY]: a decision under its own name.
decide() { record "decisions/$1.$(digest <"$2" | cut -c 1-12).toml" "$2" "${3:-$1}" decision; }

# saw FILE…: SEEN with these records too.
saw() {
    SEEN=$( (printf '%s\n' "$SEEN" | tr -d '", ' | fold -w 64; echo; for file in "$@"; do digest <"$file"; done) \
        | grep . | sort | sed 's/.*/"&"/' | paste -s -d , | sed 's/,/, /g')
}

# append: the index as the next commit of the request.
append() {
    TIP=$(commit "$TIP")
    push "requests/$ID" "$TIP"
}

# approved: bob approves too, so that nothing is missing; and carol, where she is named.
approved() {
    take "$TIP"
    for who in "${@:-bob}"; do
        decision "$who" approve >"$who.toml"
        decide "$who" "$who.toml"
        saw "$who.toml"
        append
    done
}

# claimed RUNNER [KEY]: a claim on what stands, on the request's own chain.
claimed() {
    claim "$1" >claim.toml
    record claim.toml claim.toml "${2:-$1}" claim
    saw claim.toml
    append
}

# land [PARENT]: the request as it stands on its chain becomes a step of main.
land() {
    take "${1:-$MAIN}"
    keep "$TIP" "$DIR"
    MAIN=$(commit "${1:-$MAIN}" "$TIP")
    push main "$MAIN"
}

# --- policy versions, from config.toml and roster.toml where the script stands ---

# version NUMBER: all its files but signatures, in the index on top of main; PREVIOUS is the root in force.
version() {
    VERSION=$(printf 'policy/%06d' "$1")
    take "$MAIN"
    for file in config.toml roster.toml; do
        put "$file" <"$file"
        put "$VERSION/$file" <"$file"
    done
    allowed >allowed_signers
    put "$VERSION/allowed_signers" <allowed_signers
    {
        printf 'schema = "expacti/root/v1"\nversion = %d\nprevious = "%s"\n' "$1" "${PREVIOUS:-$ROOT}"
        sed -n 's/^admins = /&/p; s/^threshold = /&/p' roster.toml
        printf '\n[files]\n'
        git ls-files | grep -v -e ^policy/ -e ^requests/ | while read -r file; do
            printf '"%s" = "%s"\n' "$file" "$(git cat-file blob ":$file" | digest)"
        done
    } >root.toml
    put "$VERSION/root.toml" <root.toml
}

# signed_by ADMIN…: their signatures over root.toml.
signed_by() {
    for admin in "$@"; do sign "$admin" root <root.toml | put "$VERSION/root.toml.$admin.sig"; done
}

# What roster.toml generates for ssh-keygen.
allowed() {
    awk -F '"' '/^id = / { id = $2 } /^kind = / { kind = $2 } /^keys = / {
        namespaces = "request.v1@expacti,claim.v1@expacti,outcome.v1@expacti"
        if (kind == "person")
            namespaces = "decision.v1@expacti,claim.v1@expacti,outcome.v1@expacti,root.v1@expacti,request.v1@expacti"
        for (at = 2; at <= NF; at += 2) print id " namespaces=\"" namespaces "\" " $at
    }' roster.toml | LC_ALL=C sort
}

# key WHO: the public key, as roster.toml has it.
key() { cut -d ' ' -f 1-2 "$KEYS/$1.pub"; }

# landed_version: the index becomes a step of main.
landed_version() {
    MAIN=$(commit "$MAIN")
    push main "$MAIN"
}

# --- on the run: the real program, a home each, in the directory WORK ---
#
#   ID REMOTE   a request by bot to run `job NAME`, approved by alice; the bare repository
#   BIN WORK    where `job` lies, and where it runs; HOMES the homes; EVIL a directory of the attacker's
#   CANARY      a file that must never be: what `canary` writes leaves it there

# as WHO WORDS…: expacti in that person's home.
as() {
    who=$1
    shift
    EXPACTI_HOME=$HOMES/$who "$EXPACTI" "$@" </dev/null
}

# What is tried in the end; a build.sh may say something else.
attempt() { as bot resume --wait 0s "$ID"; }

# What must hold besides.
check() { :; }

# canary FILE: an executable that tells that it ran.
canary() {
    mkdir -p "$(dirname "$1")"
    printf '#!/bin/sh\necho "$0 $*" >>"%s"\nexit 0\n' "$CANARY" >"$1"
    chmod 755 "$1"
}
