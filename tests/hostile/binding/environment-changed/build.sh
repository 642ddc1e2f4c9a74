export LANG=x
