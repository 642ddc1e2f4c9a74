approved
echo x | put "$DONE/x"
append
