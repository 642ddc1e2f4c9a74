sed 's/^min_approvals = .*/min_approvals = 1/' config.toml >new
mv new config.toml
version 2
signed_by alice bob
{ cat roster.toml; echo '# x'; } | put policy/000002/roster.toml
landed_version
