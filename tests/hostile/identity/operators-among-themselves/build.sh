sed 's/^id = "bot"/&\noperators = ["alice", "bob"]/' roster.toml >new
mv new roster.toml
version 2
signed_by alice carol
landed_version
approved
