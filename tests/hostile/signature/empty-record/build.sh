: >bob.toml
take "$TIP"
decide bob bob.toml
append
