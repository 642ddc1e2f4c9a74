version 2
signed_by alice bob
keep "$TIP" "$DIR"
landed_version
