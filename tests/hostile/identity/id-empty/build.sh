cat >>roster.toml <<'ROSTER'
[[principals]]
id = ""
kind = "agent"
keys = ["ssh-ed25519 none"]
ROSTER
sed "s|ssh-ed25519 none|$(key eve)|" roster.toml >new
mv new roster.toml
version 2
signed_by alice carol
landed_version
