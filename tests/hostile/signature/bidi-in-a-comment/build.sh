(decision bob approve; printf '# \342\200\256evil\n') >bob.toml
take "$TIP"
decide bob bob.toml
append
