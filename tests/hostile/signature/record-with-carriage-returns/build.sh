decision bob approve | sed 's/$/\r/' >bob.toml
take "$TIP"
decide bob bob.toml
append
