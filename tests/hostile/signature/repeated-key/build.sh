(decision bob approve; echo 'verdict = "deny"') >bob.toml
take "$TIP"
decide bob bob.toml
append
