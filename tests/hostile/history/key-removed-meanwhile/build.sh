approved
awk 'BEGIN { RS = "\\[\\[principals\\]\\]\n" } NR == 1 { gsub(/"bob", /, ""); printf "%s", $0; next } !/^id = "bob"/ { printf "[[principals]]\n%s", $0 }' roster.toml >new
mv new roster.toml
sed 's/"bob", //' config.toml >new
mv new config.toml
version 2
signed_by alice carol
landed_version
take "$TIP"
claimed bot
land
