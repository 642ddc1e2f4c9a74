#!/usr/bin/env bash
# Notifications over TLS and by mail, on loopback: a certificate that this machine trusts is accepted, any other is refused, told, and holds
# nothing up; behind a barrier the caller's certificates count for nothing; and what a mailer gets is a mail to other people's programs.
# Run as root in a container, after `setup`: it makes /etc/expacti and takes it away, and for a moment its authority is one of the system's.
#
#   tests/real/tls.sh [BINARY]      default: target/debug/expacti
set -euo pipefail

binary=$(realpath "${1:-target/debug/expacti}")
[[ -x $binary ]] || { echo "no expacti at $binary"; exit 1; }
[[ $(id -u) -eq 0 ]] || { echo "only root writes /etc/expacti"; exit 1; }
[[ ! -e /etc/expacti ]] || { echo "this machine has an /etc/expacti of its own"; exit 1; }
stage=$(mktemp -d)
started=()
bundle=/etc/ssl/certs/ca-certificates.crt
clean_up() {
    [[ ! -e $stage/bundle ]] || cp "$stage/bundle" "$bundle"
    for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
    rm -rf "$stage" /etc/expacti
}
trap clean_up EXIT
checks=0

# as PERSON [VARIABLE=VALUE…] VERB…: expacti with that person's home and nothing of ours.
as() {
    local home=$stage/$1 extra=()
    shift
    while [[ ${1:-} == *=* ]]; do extra+=("$1"); shift; done
    (cd "$home" && env -i PATH="$PATH" LANG=C.UTF-8 HOME="$home" EXPACTI_HOME="$home" "${extra[@]}" "$binary" "$@" </dev/null)
}

# expect STATUS WORDS COMMAND…: that exit status, and these words, apart by `|`, all among what it prints.
expect() {
    local status=$1 words=$2 found=0 word
    shift 2
    printed=$("$@" 2>&1) || found=$?
    IFS='|' read -ra words <<<"$words"
    for word in "${words[@]}"; do
        [[ $found == "$status" && $printed == *"$word"* ]] && continue
        printf 'FAILED: %s\n  status %s, expected %s; expected words: %s\n%s\n' "$*" "$found" "$status" "$word" "$printed"
        exit 1
    done
    checks=$((checks + 1))
    printf 'ok: %s\n' "$*"
}

# holds WHAT COMMAND…
holds() {
    local what=$1
    shift
    "$@" || { printf 'FAILED: %s\n' "$what"; exit 1; }
    checks=$((checks + 1))
    printf 'ok: %s\n' "$what"
}

# --- certificates ---

cd "$stage"
cat >ca.conf <<'CONF'
[ca]
default_ca = own
[own]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
CONF
: >index.txt
key=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)
authority() { # NAME
    openssl req -x509 "${key[@]}" -keyout "$1.key" -out "$1.pem" -days 2 -subj "/CN=$1" \
        -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign 2>/dev/null
}
certificate() { # NAME HOST FROM UNTIL
    openssl req -new "${key[@]}" -keyout "$1.key" -out "$1.csr" -subj "/CN=$1" -addext "subjectAltName=DNS:$2" \
        -addext extendedKeyUsage=serverAuth 2>/dev/null
    openssl ca -batch -notext -config ca.conf -cert ca.pem -keyfile ca.key -in "$1.csr" -out "$1.pem" -startdate "$3" -enddate "$4" 2>ca.log
}
day() { date -u -d "$1" +%Y%m%d%H%M%SZ; }
authority ca
certificate good localhost "$(day yesterday)" "$(day tomorrow)"
certificate elsewhere other.example "$(day yesterday)" "$(day tomorrow)"
certificate expired localhost "$(day '3 days ago')" "$(day yesterday)"
openssl req -x509 "${key[@]}" -keyout self.key -out self.pem -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null

# --- servers ---

cat >server.py <<'PYTHON'
"""HTTPS with a certificate: python3 server.py NAME; its port goes to NAME.port, each body it gets to a line of NAME.got."""
import http.server, os, ssl, sys

name = sys.argv[1]

class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        with open(name + ".got", "ab") as got:
            got.write(body + b"\n")
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(name + ".pem", name + ".key")
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
with open(name + ".port.new", "w") as port:
    port.write(str(server.server_address[1]))
os.rename(name + ".port.new", name + ".port")
server.serve_forever()
PYTHON
cat >smtp.py <<'PYTHON'
"""As much of SMTP as a client needs: the envelope and the mail go to smtp.got."""
import os, socketserver

class Handler(socketserver.StreamRequestHandler):
    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self):
        self.say("220 localhost")
        envelope = []
        while line := self.rfile.readline():
            verb = line.decode().strip()
            word = verb.split(" ")[0].upper()
            if word in ("MAIL", "RCPT"):
                envelope.append(verb)
            if word == "DATA":
                self.say("354 go on")
                mail = []
                while (line := self.rfile.readline()) != b".\r\n":
                    mail.append(line[1:] if line.startswith(b".") else line)
                with open("smtp.envelope", "w") as out:
                    out.write("\n".join(envelope))
                with open("smtp.got", "wb") as out:
                    out.write(b"".join(mail))
            self.say("221 bye" if word == "QUIT" else "250 ok")
            if word == "QUIT":
                return

server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
with open("smtp.port.new", "w") as port:
    port.write(str(server.server_address[1]))
os.rename("smtp.port.new", "smtp.port")
server.serve_forever()
PYTHON
cat >parse.py <<'PYTHON'
"""What Python's parser makes of a mail on standard input; complains of every defect."""
import email, email.policy, sys

text = sys.stdin.buffer.read()
assert text.isascii() and all(len(line) <= 78 for line in text.splitlines()), text
mail = email.message_from_bytes(text, policy=email.policy.default)
defects = list(mail.defects) + [defect for name in mail.keys() for defect in mail[name].defects]
assert not defects, defects
assert mail.get_content_type() == "text/plain" and not mail.is_multipart(), mail.get_content_type()
assert mail["date"].datetime is not None and mail["message-id"].startswith("<msg_"), mail.as_string()
print("from", ", ".join(address.addr_spec for address in mail["from"].addresses))
print("to", ", ".join(address.addr_spec for address in mail["to"].addresses))
print("names", ", ".join(sorted(name.lower() for name in mail.keys())))
print("subject", mail["subject"])
print(mail.get_content())
PYTHON
for name in good elsewhere expired self; do
    python3 server.py "$name" &
    started+=($!)
done
python3 smtp.py &
started+=($!)
for name in good elsewhere expired self smtp; do
    until [[ -e $name.port ]]; do sleep 0.05; done
done

# --- people ---

for who in ada alice bob olga bot; do
    mkdir -p "$who/config"
    ssh-keygen -q -t ed25519 -N '' -C "$who" -f "$who/key"
    printf 'key = "%s"\n' "$stage/$who/key" >"$who/config/settings.toml"
done
mkdir policy
{
    printf '[[approval_policies]]\nname = "all"\npattern = "*"\nrequirement = "any_of"\nreviewers = ["alice", "bob"]\n'
    for name in good elsewhere expired self; do printf '[[notify.channels]]\nname = "%s"\nkind = "slack"\n' "$name"; done
    for name in parsed sent; do printf '[[notify.channels]]\nname = "%s"\nkind = "email"\n' "$name"; done
    printf '[notify.people]\nalice = { email = "alice@example.com" }\nbob = { email = "bob@example.com" }\n'
} >policy/config.toml
{
    printf '[trust]\nadmins = ["ada"]\nthreshold = 1\n'
    for who in ada alice bob olga; do
        printf '[[principals]]\nid = "%s"\nkind = "person"\nkeys = ["%s"]\n' "$who" "$(cut -d' ' -f1,2 "$who/key.pub")"
    done
    printf '[[principals]]\nid = "bot"\nkind = "agent"\noperators = ["olga"]\nkeys = ["%s"]\n' "$(cut -d' ' -f1,2 bot/key.pub)"
} >policy/roster.toml
as ada init --from "$stage/policy" "$stage/policy.git" >init.log
root=$(as ada doctor --root-fingerprint)
for who in alice bot; do as "$who" join "$stage/policy.git" --root "$root" >/dev/null 2>join.log; done
reach() { # DIRECTORY: settings that reach every channel
    local name
    for name in good elsewhere expired self; do
        printf 'https://localhost:%s/hook/secret' "$(<"$stage/$name.port")" >"$stage/$name.url"
        chmod 600 "$stage/$name.url"
        printf '[notify.%s]\nurl_file = "%s"\n' "$name" "$stage/$name.url"
    done >>"$1/config/settings.toml"
}
reach bot
cat >mailer <<SH
#!/bin/sh
exec /usr/bin/env python3 "$stage/parse.py" >"$stage/parsed"
SH
cat >msmtp.conf <<CONF
account default
host 127.0.0.1
port $(<smtp.port)
tls off
auth off
CONF
chmod 755 mailer
chmod 600 msmtp.conf
cat >>bot/config/settings.toml <<TOML
[notify.parsed]
sendmail = ["$stage/mailer"]
from = "gate@example.com"
[notify.sent]
sendmail = ["$(command -v msmtp)", "-C", "$stage/msmtp.conf", "--from=gate@example.com", "-t"]
from = "gate@example.com"
TOML

# --- over TLS ---

trusted=SSL_CERT_FILE=$stage/ca.pem
refused='channel `elsewhere` could not be told|channel `expired` could not be told|channel `self` could not be told'
odd=$'größer \n.\nBcc: mallory@evil.example\n\nhello'
expect 122 "channel \`good\` is told of|certificate is for another name|certificate has expired|certificate is not trusted|$refused" \
    as bot "$trusted" run --no-wait --reason "$odd" -- touch "$odd"
id=$(tail -n 1 <<<"$printed")
holds 'a certificate of an authority that is trusted here is accepted' test "$(wc -l <good.got)" -eq 1
holds 'it was told of this request' grep -q "$id" good.got
holds 'nothing was said to a server with any other' test ! -e elsewhere.got -a ! -e expired.got -a ! -e self.got
holds 'no address is shown' test "${printed/hook/}" = "$printed"
expect 1 'channel `expired` was not told of' as bot "$trusted" doctor
# --- mail ---

holds 'a parser of other people finds a mail' grep -q '^from gate@example.com$' parsed
holds 'its recipients are those who can decide' grep -q '^to alice@example.com, bob@example.com$' parsed
holds 'it has no other headers' grep -q '^names auto-submitted, content-transfer-encoding, content-type, date, from, message-id, mime-version, subject, to$' parsed
holds 'its text is whole' grep -q "expacti approve" parsed
holds 'msmtp took the recipients from it' test "$(grep -c '^RCPT TO:<\(alice\|bob\)@example.com>' smtp.envelope)" -eq 2 -a "$(wc -l <smtp.envelope)" -eq 2
holds 'and what it sent is that mail' sh -c 'python3 parse.py <smtp.got | grep "^to alice@example.com, bob@example.com$" >to'

# --- it goes on ---

expect 0 '' as alice approve --yes -m fine "$id"
expect 0 "channel \`good\` is told of the end of" as bot "$trusted" resume "$id"
holds 'the command ran' test -e "bot/$odd"
# Without that authority nobody is trusted.
expect 122 "channel \`good\` could not be told" as bot run --no-wait -- touch another
holds 'nothing more was said' test "$(wc -l <good.got)" -eq 2

# --- behind a barrier ---

hex=$(cut -d: -f2 <<<"$root" | sed 's/$/=/' | base64 -d | od -An -tx1 | tr -d ' \n')
mkdir -p /etc/expacti "$stage/runner/config"
printf '[[pin]]\nurl = "%s"\nrepo = "%s"\nroot = "%s"\n' "$stage/policy.git" "$hex" "$root" >/etc/expacti/trust.toml
printf 'key = "%s"\nhome = "%s"\n' "$stage/bot/key" "$stage/runner" >/etc/expacti/settings.toml
reach runner
expect 122 "channel \`good\` could not be told" as bot "$trusted" run --no-wait -- touch behind
holds 'the caller says whom the runner trusts: no' test "$(wc -l <good.got)" -eq 2
cp "$bundle" "$stage/bundle"
cat "$stage/ca.pem" >>"$bundle"
expect 122 "channel \`good\` is told of|$refused" as bot SSL_CERT_FILE=/nowhere run --no-wait -- touch more
holds 'the system does' test "$(wc -l <good.got)" -eq 3
echo "$checks checks hold"
