sed "s|$(key carol)|$(key bob)|" roster.toml >new
mv new roster.toml
version 2
signed_by alice bob
landed_version
