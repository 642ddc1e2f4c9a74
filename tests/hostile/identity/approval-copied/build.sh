decision bob approve | sed "s/^request = .*/request = \"$ROOT\"/" >bob.toml
take "$TIP"
decide bob bob.toml
append
