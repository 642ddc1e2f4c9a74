echo "echo evil" >>"$WORK/real"
