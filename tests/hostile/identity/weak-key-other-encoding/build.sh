printf '\000\000\000\013ssh-ed25519\000\000\000\040' >public
bytes eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f >>public
sed "s|$(key bob)|ssh-ed25519 $(base64 -w 0 <public)|" roster.toml >new
mv new roster.toml
version 2
signed_by alice carol
landed_version
