echo "echo evil" >>script.sh
