decision bob approve >bob.toml
take "$TIP"
decide bob bob.toml
sed '/^-/d' bob.toml.sig | base64 -d >blob
(cat blob; printf x) >bent
(
    echo '-----BEGIN SSH SIGNATURE-----'
    base64 -w 70 <bent
    echo '-----END SSH SIGNATURE-----'
) | put "$DIR/decisions/bob.$(digest <bob.toml | cut -c 1-12).toml.sig"
append
