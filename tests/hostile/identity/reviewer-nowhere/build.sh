sed 's/"carol"\]/"zoe"]/' config.toml >new
mv new config.toml
version 2
signed_by alice carol
landed_version
