printf '\000\000\000\032sk-ssh-ed25519@openssh.com\000\000\000\040' >public
sed 's/.* \(AAAA[^ ]*\).*/\1/' "$KEYS/bob.pub" | base64 -d | tail -c 32 >>public
printf '\000\000\000\004ssh:' >>public
sed "s|$(key carol)|sk-ssh-ed25519@openssh.com $(base64 -w 0 <public)|" roster.toml >new
mv new roster.toml
version 2
signed_by alice bob
landed_version
