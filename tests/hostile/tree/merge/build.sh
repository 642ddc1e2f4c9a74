approved
push "requests/$ID" "$(commit "$TIP" "$MAIN")"
