decision bob approve >bob.toml
decision bob deny >other.toml
take "$TIP"
decide bob bob.toml
sign bob decision <other.toml | put "$DIR/decisions/bob.$(digest <bob.toml | cut -c 1-12).toml.sig"
append
