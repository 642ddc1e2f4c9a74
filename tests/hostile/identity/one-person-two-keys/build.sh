sed "s|^keys = \[\"$(key alice)\"\]|keys = [\"$(key alice)\", \"$(key dora)\"]|" roster.toml >new
mv new roster.toml
version 2
signed_by alice carol
landed_version
take "$TIP"
decision alice approve | sed 's/^comment = .*/comment = "from the train"/' >again.toml
decide alice again.toml dora
append
