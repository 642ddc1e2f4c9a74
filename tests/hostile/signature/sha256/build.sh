decision bob approve >bob.toml
take "$TIP"
decide bob bob.toml
ssh-keygen -q -Y sign -O hashalg=sha256 -f "$KEYS/bob" -n decision.v1@expacti <bob.toml >sha256.sig 2>sign.log
put "$DIR/decisions/bob.$(digest <bob.toml | cut -c 1-12).toml.sig" <sha256.sig
append
