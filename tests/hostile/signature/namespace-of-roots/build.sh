decision bob approve >bob.toml
take "$TIP"
NAMESPACE=root.v1@expacti decide bob bob.toml
append
