# bob's key is from now on one on a security key, by a version that alice and carol sign.
printf '\000\000\000\032sk-ssh-ed25519@openssh.com\000\000\000\040' >public
sed 's/.* \(AAAA[^ ]*\).*/\1/' "$KEYS/bob.pub" | base64 -d | tail -c 32 >>public
printf '\000\000\000\004ssh:' >>public
sed "s|^keys = \[\"$(key bob)\"\]|keys = [\"sk-ssh-ed25519@openssh.com $(base64 -w 0 <public)\"]|" roster.toml >new
mv new roster.toml
printf 'require_key = "pin"\n' >>config.toml
version 2
signed_by alice carol
landed_version
# A signature as an authenticator makes it: PROTOCOL.sshsig, PROTOCOL.u2f.
decision bob approve >bob.toml
(printf 'SSHSIG\000\000\000\023decision.v1@expacti\000\000\000\000\000\000\000\006sha512\000\000\000\100'; openssl dgst -sha512 -binary <bob.toml) >preimage
(printf 'ssh:' | openssl dgst -sha256 -binary; printf '\001\000\000\000\007'; openssl dgst -sha256 -binary <preimage) >signed
(printf '\060\056\002\001\000\060\005\006\003\053\145\160\004\042\004\040'; fold -w 2 "$KEYS/bob.seed" | while read -r byte || [ -n "$byte" ]; do printf "\\$(printf %03o "0x$byte")"; done) >secret.der
openssl pkeyutl -sign -inkey secret.der -keyform DER -rawin -in signed -out raw
(
    printf 'SSHSIG\000\000\000\001\000\000\000\112'
    cat public
    printf '\000\000\000\023decision.v1@expacti\000\000\000\000\000\000\000\006sha512\000\000\000\147\000\000\000\032sk-ssh-ed25519@openssh.com\000\000\000\100'
    cat raw
    printf '\001\000\000\000\007'
) >blob
(
    echo '-----BEGIN SSH SIGNATURE-----'
    base64 -w 70 <blob
    echo '-----END SSH SIGNATURE-----'
) >bob.toml.sig
take "$TIP"
name="$DIR/decisions/bob.$(digest <bob.toml | cut -c 1-12).toml"
put "$name" <bob.toml
put "$name.sig" <bob.toml.sig
append
