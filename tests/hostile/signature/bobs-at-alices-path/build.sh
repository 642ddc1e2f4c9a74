decision bob approve >bob.toml
take "$TIP"
record "decisions/alice.$(digest <bob.toml | cut -c 1-12).toml" bob.toml bob decision
append
