#!/usr/bin/env bash
# The loop between an agent and two reviewers over a real sshd, then over git://, both on loopback. Run as root after `setup`.
#
#   tests/real/loop.sh [BINARY]      default: target/debug/expacti
#
# Everything lies in one temporary directory; ssh's settings come through each person's git configuration (`core.sshCommand`), as
# expacti removes GIT_SSH_COMMAND, and ssh itself looks for its files in the account's home and not in HOME.
set -euo pipefail

binary=$(realpath "${1:-target/debug/expacti}")
[[ -x $binary ]] || { echo "no expacti at $binary"; exit 1; }
[[ $(id -u) -eq 0 ]] || { echo "sshd needs root"; exit 1; }
PATH=$PATH:/usr/sbin
stage=$(mktemp -d)
chmod 755 "$stage"
started=()
clean_up() {
    for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
    rm -rf "$stage"
}
trap clean_up EXIT
checks=0

# A port of loopback that nobody listens on.
free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 30000))
        (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
    done
}

# Until somebody listens; a server that has died is not waited for.
await() { # PORT PID
    until (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; do
        kill -0 "$2" || { echo "the server on port $1 did not start"; cat "$stage"/*.log; exit 1; }
        sleep 0.05
    done
}

# as PERSON [VARIABLE=VALUE…] VERB…: expacti with that person's home and nothing of ours.
as() {
    local person=$1 home=$stage/$1 extra=()
    shift
    while [[ ${1:-} == *=* ]]; do extra+=("$1"); shift; done
    (cd "$home" && env -i PATH="$PATH" LANG=C.UTF-8 HOME="$home" USER="$person" EXPACTI_HOME="$home/expacti" \
        "${extra[@]}" "$binary" "$@" </dev/null)
}

# expect STATUS WORDS COMMAND…: that exit status (`1|125`: one of these), and these words among what it prints.
expect() {
    local status=$1 words=$2 printed found=0
    shift 2
    printed=$("$@" 2>&1) || found=$?
    if [[ ! $found =~ ^($status)$ || $printed != *"$words"* ]]; then
        printf 'FAILED: %s\n  status %s, expected %s; expected words: %s\n%s\n' "$*" "$found" "$status" "$words" "$printed"
        exit 1
    fi
    checks=$((checks + 1))
    printf 'ok: %s\n' "$*"
}

# --- people: the agent and alice have plain keys; bob's has a passphrase and lies in an ssh-agent alone.
for person in agent alice bob; do
    mkdir -p "$stage/$person/.ssh"
    passphrase=''
    [[ $person != bob ]] || passphrase='correct horse'
    ssh-keygen -q -t ed25519 -N "$passphrase" -C "$person" -f "$stage/$person/.ssh/id_ed25519"
done
socket=$stage/bob/agent
ssh-agent -D -a "$socket" >"$stage/ssh-agent.log" 2>&1 &
started+=($!)
until [[ -S $socket ]]; do kill -0 "${started[-1]}"; sleep 0.05; done
printf '#!/bin/sh\necho "correct horse"\n' >"$stage/ask"
chmod 755 "$stage/ask"
DISPLAY=none SSH_ASKPASS=$stage/ask SSH_ASKPASS_REQUIRE=force SSH_AUTH_SOCK=$socket \
    ssh-add -q "$stage/bob/.ssh/id_ed25519" </dev/null
# From here on only the agent holds it.
rm "$stage/bob/.ssh/id_ed25519"
bob=(bob "SSH_AUTH_SOCK=$socket" "EXPACTI_KEY=$stage/bob/.ssh/id_ed25519.pub")

# --- a server of our own
ssh_port=$(free_port)
ssh-keygen -q -t ed25519 -N '' -f "$stage/host_key"
cat "$stage"/{agent,alice,bob}/.ssh/id_ed25519.pub >"$stage/authorized_keys"
cat >"$stage/sshd_config" <<CONFIG
Port $ssh_port
ListenAddress 127.0.0.1
HostKey $stage/host_key
PidFile none
AuthorizedKeysFile $stage/authorized_keys
AuthenticationMethods publickey
PermitRootLogin prohibit-password
UsePAM no
# The temporary directory's parent is writable by all.
StrictModes no
CONFIG
"$(command -v sshd)" -D -e -f "$stage/sshd_config" 2>"$stage/sshd.log" &
started+=($!)
await "$ssh_port" "${started[-1]}"
for person in agent alice bob; do
    home=$stage/$person
    identity=$home/.ssh/id_ed25519
    [[ $person != bob ]] || identity=$identity.pub
    printf '[127.0.0.1]:%s %s\n' "$ssh_port" "$(cut -d' ' -f1,2 "$stage/host_key.pub")" >"$home/.ssh/known_hosts"
    cat >"$home/.ssh/config" <<CONFIG
Host policies
    HostName 127.0.0.1
    Port $ssh_port
    User root
    IdentityFile $identity
    IdentitiesOnly yes
    UserKnownHostsFile $home/.ssh/known_hosts
    GlobalKnownHostsFile none
    StrictHostKeyChecking yes
    BatchMode yes
CONFIG
    printf '[core]\n\tsshCommand = ssh -F %s/.ssh/config\n' "$home" >"$home/.gitconfig"
done

# --- the policy: two people for rm, none for ls
key() { cut -d' ' -f1,2 "$stage/$1/.ssh/id_ed25519.pub"; }
mkdir "$stage/drafts"
cat >"$stage/drafts/config.toml" <<'CONFIG'
[[approval_policies]]
name = "deletions"
pattern = ["rm", "rm *"]
requirement = "all_of"
reviewers = ["alice", "bob"]
[[approval_policies]]
name = "looking"
pattern = ["ls", "ls *"]
requirement = "allow"
CONFIG
cat >"$stage/drafts/roster.toml" <<CONFIG
roles = ["developer", "admin"]
[trust]
admins = ["alice"]
threshold = 1
[[principals]]
id = "alice"
kind = "person"
role = "admin"
keys = ["$(key alice)"]
[[principals]]
id = "bob"
kind = "person"
role = "developer"
keys = ["$(key bob)"]
[[principals]]
id = "agent"
kind = "agent"
operators = ["bob"]
keys = ["$(key agent)"]
CONFIG

# loop URL WORDS: from an empty repository to a run and a denial; WORDS are what bob reads without his ssh-agent.
loop() {
    local url=$1 keyless=$2 root id
    for person in agent alice bob; do rm -rf "$stage/$person/expacti"; done
    as alice init --from "$stage/drafts" "$url" >"$stage/init.out"
    root=$(grep -m1 -o 'SHA256:[A-Za-z0-9+/]*' "$stage/init.out")
    expect 1 'nothing pinned' as agent join "$url" --root SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
    expect 0 'you     agent' as agent join "$url" --root "$root"
    expect 0 'you     bob' as "${bob[@]}" join "$url" --root "$root"

    mkdir -p "$stage/agent/build"
    expect 0 'build' as agent run -- ls
    expect 120 'no policy matches' as agent run -- chmod 777 .
    id=$(as agent run --no-wait -- rm -r build 2>/dev/null) && exit 1
    id=${id%% *}
    [[ $id =~ ^[0-9a-f]{32}$ ]]
    expect 0 'rm -r build' as alice pending
    expect 0 'approved' as alice approve "$id" --yes --comment 'can be built again'
    expect 122 'bob' as agent resume --wait 0s "$id"
    # Without the agent nobody lets bob in over ssh, and nothing signs for him anywhere.
    expect '1|125' "$keyless" as bob "EXPACTI_KEY=$stage/bob/.ssh/id_ed25519.pub" SSH_AUTH_SOCK=/nonexistent approve "$id" --yes
    expect 0 'approved' as "${bob[@]}" approve "$id" --yes
    expect 0 '' as agent resume "$id"
    [[ ! -e $stage/agent/build ]]
    expect 119 'already spent' as agent resume "$id"

    id=$(as agent run --no-wait -- rm -r important 2>/dev/null) && exit 1
    id=${id%% *}
    expect 0 'denied' as "${bob[@]}" deny "$id" --yes --reason 'no'
    expect 120 'no' as agent resume "$id"
}

echo "== over ssh"
git init -q --bare -b main "$stage/ssh.git"
git -C "$stage/ssh.git" config receive.denyNonFastForwards true
loop "policies:$stage/ssh.git" 'Permission denied'
grep -q 'Accepted publickey for root' "$stage/sshd.log"
echo "== a server with another host key"
ssh-keygen -q -t ed25519 -N '' -f "$stage/other_key"
printf '[127.0.0.1]:%s %s\n' "$ssh_port" "$(cut -d' ' -f1,2 "$stage/other_key.pub")" >"$stage/agent/.ssh/known_hosts"
expect 125 'Host key verification failed' as agent run -- ls

echo "== over git://"
git_port=$(free_port)
mkdir "$stage/served"
git init -q --bare -b main "$stage/served/policies.git"
git daemon --reuseaddr --listen=127.0.0.1 --port="$git_port" --base-path="$stage/served" --export-all \
    --enable=receive-pack 2>"$stage/git-daemon.log" &
started+=($!)
await "$git_port" "${started[-1]}"
loop "git://127.0.0.1:$git_port/policies.git" 'ssh-keygen did not sign'

echo "== what stock tools say of it"
git clone -q "$stage/served/policies.git" "$stage/clone"
for record in "$stage"/clone/requests/*/*/*/*/decisions/*.toml; do
    who=$(basename "$record"); who=${who%%.*}
    # shellcheck disable=SC2016
    expect 0 "signature for $who" sh -c 'ssh-keygen -Y verify -f "$1" -I "$2" -n decision.v1@expacti -s "$3.sig" <"$3"' \
        sh "$stage/clone/policy/000001/allowed_signers" "$who" "$record"
done

echo "$checks checks passed"
