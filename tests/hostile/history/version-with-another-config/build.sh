sed 's/^min_approvals = .*/min_approvals = 1/' config.toml >new
mv new config.toml
version 2
signed_by alice bob
echo '# x' | put config.toml
landed_version
