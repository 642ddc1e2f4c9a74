decision bob approve >bob.toml
take "$TIP"
NAMESPACE=git decide bob bob.toml
append
