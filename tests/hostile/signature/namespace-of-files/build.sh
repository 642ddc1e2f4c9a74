decision bob approve >bob.toml
take "$TIP"
NAMESPACE=file decide bob bob.toml
append
