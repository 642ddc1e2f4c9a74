take "$TIP"
decision mal deny >mal.toml
decide mal mal.toml
append
land
