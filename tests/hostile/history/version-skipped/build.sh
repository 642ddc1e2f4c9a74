sed 's/^min_approvals = .*/min_approvals = 1/' config.toml >new
mv new config.toml
version 3
signed_by alice bob
landed_version
