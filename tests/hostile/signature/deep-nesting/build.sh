(decision bob approve; printf 'x = '; head -c 20000 /dev/zero | tr '\0' '['; echo) >bob.toml
take "$TIP"
decide bob bob.toml
append
