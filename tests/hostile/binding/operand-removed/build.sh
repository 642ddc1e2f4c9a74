rm script.sh
