(decision bob approve; printf '#'; head -c 300000 /dev/zero | tr '\0' x; echo) >bob.toml
take "$TIP"
decide bob bob.toml
append
