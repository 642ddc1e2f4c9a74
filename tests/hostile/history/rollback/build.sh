push main "$OLDER"
