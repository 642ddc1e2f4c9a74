(decision bob approve; echo 'urgent = true') >bob.toml
take "$TIP"
decide bob bob.toml
append
