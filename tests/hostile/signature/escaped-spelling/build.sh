decision bob approve | sed 's/"approve"/"\\u0061pprove"/' >bob.toml
take "$TIP"
decide bob bob.toml
append
