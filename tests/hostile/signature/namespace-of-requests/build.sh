decision bob approve >bob.toml
take "$TIP"
NAMESPACE=request.v1@expacti decide bob bob.toml
append
