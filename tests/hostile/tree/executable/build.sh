decision bob approve >bob.toml
take "$TIP"
name="$DIR/decisions/bob.$(digest <bob.toml | cut -c 1-12).toml"
sign bob decision <bob.toml | put "$name.sig"
MODE=100755
put "$name" <bob.toml
append
