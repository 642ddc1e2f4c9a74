sed 's/^min_approvals = .*/min_approvals = 1/' config.toml >new
mv new config.toml
version 2
signed_by alice bob
landed_version
take "$MAIN"
git rm -r -q --cached policy/000001
landed_version
