approved
echo '* ident' | put .gitattributes
append
