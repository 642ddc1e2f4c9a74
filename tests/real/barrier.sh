#!/usr/bin/env bash
# The barrier: what /etc/expacti says against everything a caller can say. Run as root, in a container: it makes /etc/expacti and takes it away.
#
#   tests/real/barrier.sh [BINARY]      default: target/debug/expacti
set -euo pipefail

binary=$(realpath "${1:-target/debug/expacti}")
[[ -x $binary ]] || { echo "no expacti at $binary"; exit 1; }
[[ $(id -u) -eq 0 ]] || { echo "only root writes /etc/expacti"; exit 1; }
[[ ! -e /etc/expacti ]] || { echo "this machine has an /etc/expacti of its own"; exit 1; }
stage=$(mktemp -d)
chmod 755 "$stage"
trap 'rm -rf /etc/expacti "$stage"' EXIT
cp "$binary" "$stage/expacti-binary"
runner=54321
checks=0

# as UID HOME [VARIABLE=VALUE…] WORD…: expacti as that user, with that environment and no other.
as() {
    local uid=$1 home=$2 extra=()
    shift 2
    while [[ ${1:-} == *=* ]]; do extra+=("$1"); shift; done
    (cd "$stage" && env -i PATH="$PATH" LANG=C.UTF-8 HOME="$home" EXPACTI_HOME="$home/expacti" "${extra[@]}" \
        setpriv --reuid="$uid" --regid="$uid" --clear-groups "$stage/expacti-binary" "$@" </dev/null)
}

expect() { # STATUS WORDS COMMAND…
    local status=$1 words=$2 printed found=0
    shift 2
    printed=$("$@" 2>&1) || found=$?
    if [[ $found != "$status" || $printed != *"$words"* ]]; then
        printf 'FAILED: %s\n  status %s, expected %s; expected words: %s\n%s\n' "$*" "$found" "$status" "$words" "$printed"
        exit 1
    fi
    checks=$((checks + 1))
    printf 'ok: %s\n' "$*"
}

mkdir -p "$stage/runner" "$stage/caller"
ssh-keygen -q -t ed25519 -N '' -C bot -f "$stage/key"
for who in ada alice; do ssh-keygen -q -t ed25519 -N '' -C "$who" -f "$stage/$who.key"; done
policy() { # DIRECTORY POLICY
    mkdir -p "$1"
    printf '%s\n' "$2" >"$1/config.toml"
    {
        printf '[trust]\nadmins = ["ada"]\nthreshold = 1\n'
        for who in ada alice; do
            printf '[[principals]]\nid = "%s"\nkind = "person"\nkeys = ["%s"]\n' "$who" "$(cut -d' ' -f1,2 "$stage/$who.key.pub")"
        done
        printf '[[principals]]\nid = "bot"\nkind = "agent"\nkeys = ["%s"]\n' "$(cut -d' ' -f1,2 "$stage/key.pub")"
    } >"$1/roster.toml"
}
asks=$'[[approval_policies]]\nname = "all"\npattern = "*"\nrequirement = "any_of"\nreviewers = ["alice"]'
allows=$'[[approval_policies]]\nname = "all"\npattern = "*"\nrequirement = "allow"'
policy "$stage/strict" "$asks"
policy "$stage/lax" "$allows"
chown -R "$runner:$runner" "$stage"
mine() { as "$runner" "$stage/caller" "EXPACTI_KEY=$stage/ada.key" "$@"; }
mine init --from "$stage/strict" "$stage/strict.git" >"$stage/out"
mine init --from "$stage/lax" "$stage/lax.git" >"$stage/out"
strict=$(mine --repo "$stage/strict.git" doctor --root-fingerprint)
caller=("$runner" "$stage/caller" "EXPACTI_REPO=$stage/lax.git" "EXPACTI_KEY=$stage/key")

# Without a barrier the caller says where.
expect 0 '' as "${caller[@]}" run -- touch "$stage/caller/free"
[[ -e $stage/caller/free ]]

hex=$(cut -d: -f2 <<<"$strict" | sed 's/$/=/' | base64 -d | od -An -tx1 | tr -d ' \n')
mkdir /etc/expacti
printf '[[pin]]\nurl = "%s"\nrepo = "%s"\nroot = "%s"\n' "$stage/strict.git" "$hex" "$strict" >/etc/expacti/trust.toml
printf 'key = "%s"\nhome = "%s"\n' "$stage/key" "$stage/runner" >/etc/expacti/settings.toml
expect 122 'ignored: EXPACTI_REPO, EXPACTI_KEY' as "${caller[@]}" run --no-wait -- touch "$stage/caller/kept"
expect 122 'ignored' as "${caller[@]}" --repo "$stage/lax.git" run --no-wait -- touch "$stage/caller/kept"
expect 122 '' as "${caller[@]}" "EXPACTI_HOME=$stage/elsewhere" run --no-wait -- touch "$stage/caller/kept"
[[ ! -e $stage/caller/kept && ! -e $stage/elsewhere ]]
[[ $(git --git-dir "$stage/strict.git" -c safe.directory='*' for-each-ref refs/heads/requests | wc -l) -eq 1 ]]
id=$(git --git-dir "$stage/strict.git" -c safe.directory='*' for-each-ref --format='%(refname:lstrip=3)' refs/heads/requests)

# Whoever could have written the files is not believed.
chmod 666 /etc/expacti/settings.toml
expect 125 'others than its owner can write it' as "${caller[@]}" resume "$id"
chmod 644 /etc/expacti/settings.toml
chown "$runner" /etc/expacti/trust.toml
expect 125 'not to root' as "${caller[@]}" resume "$id"
chown root /etc/expacti/trust.toml
chmod 777 /etc/expacti
expect 125 'others than its owner can write it' as "${caller[@]}" resume "$id"
chmod 755 /etc/expacti

expect 0 '' as "$runner" "$stage/caller" "EXPACTI_KEY=$stage/alice.key" --repo "$stage/strict.git" approve --yes -m fine "$id"
expect 0 '' as "${caller[@]}" resume "$id"
[[ -e $stage/caller/kept ]]
expect 119 '' as "${caller[@]}" resume "$id"
echo "$checks checks hold"
