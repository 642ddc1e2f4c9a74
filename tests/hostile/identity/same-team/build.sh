printf 'separation = "team"\n' >>config.toml
sed 's/^id = "\(bob\|bot\)"/&\nteam = "web"/; s/^id = "\(alice\|carol\)"/&\nteam = "data"/' roster.toml >new
mv new roster.toml
version 2
signed_by alice carol
landed_version
approved
