good=$MAIN
sed 's/^min_approvals = .*/min_approvals = 1/' config.toml >new
mv new config.toml
version 2
signed_by alice bob
landed_version
push main "$(git commit-tree -m x -p "$good" -p "$MAIN" "$good^{tree}")"
