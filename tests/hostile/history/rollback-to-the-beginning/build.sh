push main "$FIRST"
