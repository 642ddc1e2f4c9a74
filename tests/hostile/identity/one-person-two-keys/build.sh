sed "s|^keys = \[\"$(cut -d ' ' -f 1-2 "$KEYS/alice.pub")\"\]|keys = [\"$(cut -d ' ' -f 1-2 "$KEYS/alice.pub")\", \"$(cut -d ' ' -f 1-2 "$KEYS/dora.pub")\"]|" roster.toml >new
mv new roster.toml
allowed() { git cat-file blob "$MAIN:policy/000001/allowed_signers" >signers; (cat signers; sed -n 's/^alice //p' signers | sed "s|ssh-ed25519 .*|$(cut -d ' ' -f 1-2 "$KEYS/dora.pub")|; s/^/alice /") | LC_ALL=C sort; }
version 2
signed_by alice carol
landed_version
take "$TIP"
decision alice approve | sed 's/^comment = .*/comment = "from the train"/' >again.toml
decide alice again.toml dora
append
