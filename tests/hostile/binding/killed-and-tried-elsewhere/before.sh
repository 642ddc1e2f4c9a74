mkfifo "$WORK/gate"
printf '#!/bin/sh\necho ran >>"%s"\nread -r line <"%s"\n' "$MARKS" "$WORK/gate" >new
chmod 755 new
mv new "$BIN/$JOB"
