decision bob approve >bob.toml
take "$TIP"
decide bob bob.toml
name="$DIR/decisions/bob.$(digest <bob.toml | cut -c 1-12).toml.sig"
(sed -n 1p bob.toml.sig; sed '/^-/d' bob.toml.sig | tr -d '\n' | fold -w 64; echo; sed -n '$p' bob.toml.sig) | put "$name"
append
