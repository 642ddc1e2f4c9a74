sed 's/^min_approvals = .*/min_approvals = 1/' config.toml >new
mv new config.toml
for who in bob:dora carol:erin; do
    sed "s|$(key "${who%:*}")|$(key "${who#*:}")|; s/\"${who%:*}\"/\"${who#*:}\"/" roster.toml >new
    mv new roster.toml
    sed "s/\"${who%:*}\"/\"${who#*:}\"/" config.toml >new
    mv new config.toml
done
version 2
signed_by alice bob
landed_version
