take "$TIP"
echo 'all is well' >text
put "$DIR/files/$(digest <text)" <text
append
