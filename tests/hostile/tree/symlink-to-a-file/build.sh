approved
printf /etc/passwd >target
MODE=120000
put "$DIR/files/$(digest <target)" <target
append
