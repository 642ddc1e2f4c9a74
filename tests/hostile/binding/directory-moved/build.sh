cd ..
mv "$WORK" "$WORK-old"
mkdir "$WORK"
