(decision bob approve | sed 's/^comment = .*//'; printf 'comment = "\377"\n') >bob.toml
take "$TIP"
decide bob bob.toml
append
