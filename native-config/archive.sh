#!/bin/sh
# Stores the classes of a help and of a short training, read and verified, in target/NATIVES.jsa, from which the JVM maps
# them (class data sharing): make build calls this. Without the archive, or with one of another JDK, the JVM starts as it
# does without; so where this fails, nothing else does.
set -u

java=$1
natives=$2
new=$(mktemp -d target/archive.XXXXXX) || exit 0
trap 'rm -rf "$new"' EXIT
grep -v -e '^-XX:SharedArchiveFile' -e '^mnist' "native-config/$natives.args" >"$new/args"

"$java" "@$new/args" -XX:DumpLoadedClassList="$new/help" mnist.Main --help >"$new/log" 2>&1
"$java" "@$new/args" -XX:DumpLoadedClassList="$new/training" mnist.Main prob6 --only plain --epochs 1 --train-size 128 \
    --device cpu --data-dir src/test/resources/mnist --unverified-data \
    --saved-dir "$new/saved" --figures-dir "$new/figures" >>"$new/log" 2>&1
# the numbers of classes differ between the lists, and serve class loaders that are not used here
cat "$new/help" "$new/training" | grep -v super: | sed 's/ id: [0-9]*$//' | sort -u >"$new/classes"
"$java" "@$new/args" -Xshare:dump -XX:SharedClassListFile="$new/classes" -XX:SharedArchiveFile="$new/jsa" \
    >>"$new/log" 2>&1 && mv "$new/jsa" "target/$natives.jsa" # at once: the JVM would fail with half of one
exit 0
