printf 'min_review_time = "1m"\n' >>config.toml
version 2
signed_by alice carol
landed_version
approved
