decision bob approve >bob.toml
take "$TIP"
record decisions/bob.000000000000.toml bob.toml bob decision
append
