sed 's/^threshold = .*/threshold = 0/' roster.toml >new
mv new roster.toml
version 2
signed_by alice carol
landed_version
