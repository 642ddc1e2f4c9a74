sed 's/^id = "bot"/&\noperators = ["alice", "bob"]/' roster.toml >new
mv new roster.toml
allowed() { git cat-file blob "$MAIN:policy/000001/allowed_signers"; }
version 2
signed_by alice carol
landed_version
approved
