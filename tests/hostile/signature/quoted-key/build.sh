decision bob approve | sed 's/^verdict/"verdict"/' >bob.toml
take "$TIP"
decide bob bob.toml
append
