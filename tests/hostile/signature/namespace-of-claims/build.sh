decision bob approve >bob.toml
take "$TIP"
NAMESPACE=claim.v1@expacti decide bob bob.toml
append
