decision bob approve | sed 's|decision/v1|claim/v1|' >bob.toml
take "$TIP"
decide bob bob.toml
append
