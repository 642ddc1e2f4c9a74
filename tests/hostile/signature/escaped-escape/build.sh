decision bob approve | sed 's/^comment = .*/comment = "\\u001b[2J"/' >bob.toml
take "$TIP"
decide bob bob.toml
append
