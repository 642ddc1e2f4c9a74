printf 'min_role = "lead"\n' >>config.toml
sed 's/^roles = .*/roles = ["dev", "lead"]/; s/^id = "carol"/&\nrole = "lead"/' roster.toml >new
mv new roster.toml
version 2
signed_by alice carol
landed_version
approved
