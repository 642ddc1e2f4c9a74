decision bob approve >bob.toml
take "$TIP"
decide bob bob.toml
name="$DIR/decisions/bob.$(digest <bob.toml | cut -c 1-12).toml.sig"
: | put "$name"
append
