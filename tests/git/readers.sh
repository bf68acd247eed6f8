# Our readers of the index and of objects beside git's own, on repositories as git makes them.

# Compares what akscan reads in the current folder with `git ls-files -s` and `git cat-file --batch-all-objects`.
compare() {
    passes env AKSCAN_SAME_AS_GIT="$PWD" "$it" --ignored --exact same_as_git::index_and_objects_are_read_as_git_reads_them
    says "1 passed"
}
it=$(cd "$root" && cargo test --no-run --test it --message-format json 2>/dev/null |
    python3 -c 'import json, sys
for line in sys.stdin:
    built = json.loads(line)
    if built.get("executable") and built["target"]["name"] == "it": print(built["executable"])')

# Many versions of a few files, so that deltas are worth it.
grow() {
    local round
    for round in $(seq "$1"); do
        for file in a b folder/c; do
            mkdir -p folder
            seq "$round" 3 "$((round * 7 + 400))" >"$file"
        done
        git add -A
        git commit -q -m "round $round"
    done
    git tag -a -m tagged v1
}

about "gc --aggressive"
repository readers
grow 60
git gc -q --aggressive --prune=now
compare

about "repack with a depth of 250"
git repack -q -a -d -f --depth=250 --window=50
compare

about "several packs and a multi-pack-index"
commit more.txt more
git repack -q
commit even.txt more
git repack -q
git multi-pack-index write
echo loose | git hash-object -w --stdin >/dev/null
compare

about "a pack that came thin"
repository thin
git remote add origin "$work/readers"
git -C "$work/readers" branch -q older main~20
git config transfer.unpackLimit 1
git fetch -q origin older
git fetch -q origin main
git reset -q --hard FETCH_HEAD
compare

about "shared objects, an index of version 4, a split one, and one in conflict"
git clone -q --shared "$work/readers" "$work/shared"
cd "$work/shared"
git update-index --index-version 4
compare
git update-index --split-index
printf 'x' >folder/c
git add folder/c
compare
git update-index --no-split-index
git commit -q -m ours
git checkout -q -b other HEAD~1
commit folder/c theirs
if git merge -q main >/dev/null 2>&1; then fail "no conflict"; fi
ln -s a link
git add link
echo later >later
git add --intent-to-add later
compare

about "a sparse index"
git reset -q --hard
rm -f later link
git sparse-checkout init --cone --sparse-index 2>/dev/null
git sparse-checkout set folder
compare
