decision bob approve | sed 's|decision/v1|decision/v2|' >bob.toml
take "$TIP"
decide bob bob.toml
append
