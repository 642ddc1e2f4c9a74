take "$MAIN"
git ls-tree -r --name-only "$MAIN" policy/000001 >files
while read -r file; do
    git cat-file blob "$MAIN:$file" | put "policy/000002/${file##*/}"
done <files
landed_version
