sed 's/^min_approvals = .*/min_approvals = 1/' config.toml >new
mv new config.toml
version 2
head -c 3000000 /dev/zero | tr '\0' '#' >root.toml
put policy/000002/root.toml <root.toml
signed_by alice bob
landed_version
