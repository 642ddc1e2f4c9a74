sed 's/^min_approvals = .*/min_approvals = 1/' config.toml >new
mv new config.toml
version 2
signed_by alice bob
landed_version
take "$MAIN"
git ls-tree -r --name-only "$MAIN" policy/000002 >files
while read -r file; do
    git cat-file blob "$MAIN:$file" | put "policy/000003/${file##*/}"
done <files
landed_version
