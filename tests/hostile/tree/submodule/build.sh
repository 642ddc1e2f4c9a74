approved
git update-index --add --cacheinfo "160000,$BASE,$DIR/files/module"
append
