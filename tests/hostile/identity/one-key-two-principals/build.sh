sed "s|$(cut -d ' ' -f 1-2 "$KEYS/carol.pub")|$(cut -d ' ' -f 1-2 "$KEYS/bob.pub")|" roster.toml >new
mv new roster.toml
version 2
signed_by alice bob
landed_version
