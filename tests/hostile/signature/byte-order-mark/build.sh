(printf '\357\273\277'; decision bob approve) >bob.toml
take "$TIP"
decide bob bob.toml
append
