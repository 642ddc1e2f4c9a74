take "$TIP"
decision alice approve | sed 's/^comment = .*/comment = "once more"/' >again.toml
decide alice again.toml
append
