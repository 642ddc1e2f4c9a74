decision bob approve >bob.toml
take "$TIP"
name="$DIR/decisions/.000000000000.toml"
put "$name" <bob.toml
sign bob decision <bob.toml | put "$name.sig"
append
