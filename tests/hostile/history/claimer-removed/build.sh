approved
awk 'BEGIN { RS = "\\[\\[principals\\]\\]\n" } NR == 1 { gsub(/x/, "x"); printf "%s", $0; next } !/^id = "bot"/ { printf "[[principals]]\n%s", $0 }' roster.toml >new
mv new roster.toml
version 2
signed_by alice carol
landed_version
take "$TIP"
claimed bot
land
