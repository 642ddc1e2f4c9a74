sed "1s|.*|#!/bin/bash|" "$BIN/$JOB" >new
chmod 755 new
mv new "$BIN/$JOB"
