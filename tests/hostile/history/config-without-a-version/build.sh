take "$MAIN"
echo x | put config.toml
landed_version
