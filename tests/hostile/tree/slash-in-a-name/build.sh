decision bob approve >bob.toml
take "$TIP"
name="$DIR/decisions/alice/x.000000000000.toml"
put "$name" <bob.toml
sign bob decision <bob.toml | put "$name.sig"
append
