sed 's/^min_approvals = .*/min_approvals = 4/' config.toml >new
mv new config.toml
version 2
signed_by alice carol
landed_version
