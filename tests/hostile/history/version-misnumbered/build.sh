sed 's/^min_approvals = .*/min_approvals = 1/' config.toml >new
mv new config.toml
version 3
git read-tree --empty
version 3
for file in config.toml roster.toml; do drop policy/000003/$file; put policy/000002/$file <$file; done
drop policy/000003/root.toml
drop policy/000003/allowed_signers
put policy/000002/root.toml <root.toml
put policy/000002/allowed_signers <allowed_signers
VERSION=policy/000002
signed_by alice bob
landed_version
