decision bob approve >bob.toml
take "$TIP"
decide bob bob.toml alice
append
