decision alice approve | sed 's/^comment = .*/comment = "later"/' >later.toml
before=$SEEN
saw later.toml
approved
SEEN=$before
decide alice later.toml
append
