awk 'BEGIN { RS = "\\[\\[principals\\]\\]\n" } NR == 1 { gsub(/"bob", /, ""); printf "%s", $0; next } !/^id = "bob"/ { printf "[[principals]]\n%s", $0 }' roster.toml >new
mv new roster.toml
sed 's/"bob", //' config.toml >new
mv new config.toml
version 2
signed_by alice carol
landed_version
export GIT_COMMITTER_DATE=2019-01-01T00:00:00Z
take "$TIP"
decision bob approve | sed 's/"2026-11-23T10:00:00Z"/"2019-01-01T00:00:00Z"/' >bob.toml
decide bob bob.toml
saw bob.toml
append
claimed bot
land
