take "$TIP"
decision alice approve | sed 's/^comment = .*/comment = "again"/' >again.toml
decide alice again.toml
saw again.toml
append
claimed bot
land
