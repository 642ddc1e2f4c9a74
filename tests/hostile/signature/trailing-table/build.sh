(decision bob approve; printf '\n[more]\nx = 1\n') >bob.toml
take "$TIP"
decide bob bob.toml
append
