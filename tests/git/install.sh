# `hook install` in repositories as git makes them.

about "hooks run where git looks for them, also with core.hooksPath and in a linked worktree"
for setting in "" ".githooks"; do
    repository installed
    [ -z "$setting" ] || git config core.hooksPath "$setting"
    passes akscan hook install
    commit base nothing
    git worktree add -q "$work/linked-$RANDOM" -b "side$RANDOM" && cd "$(git worktree list --porcelain | sed -n 's/^worktree //p' | tail -1)"
    key 1 >leak.yaml
    git add leak.yaml
    if [ -n "$setting" ]; then
        # A relative folder is looked for in each work tree of its own.
        passes akscan hook install
    fi
    stops git commit -q -m leak
    says "$(id_of 1)" leak.yaml:1
    git worktree list --porcelain | sed -n 's/^worktree //p' | tail -1 | xargs rm -rf
done

about "a user's core.hooksPath is seen"
repository installed
git config --file "$GIT_CONFIG_GLOBAL" core.hooksPath "$work/everywhere"
stops akscan hook install
says "$work/everywhere" --force
passes akscan hook install --force
key 1 >leak.yaml
git add leak.yaml
stops git commit -q -m leak
says "$(id_of 1)"
passes akscan hook uninstall --force
passes git commit -q -m leak
git config --file "$GIT_CONFIG_GLOBAL" --unset core.hooksPath

about "without akscan, git stops and says how to go on"
repository installed
cp "$akscan" "$work/akscan"
passes "$work/akscan" hook install
rm "$work/akscan"
echo text >file
git add file
stops env PATH="$(printf '%s' "$PATH" | tr ':' '\n' | grep -vxF "$target/debug" | grep -v cargo | paste -sd:)" git commit -m none
says "nothing was checked" "git commit --no-verify" "$work/akscan"
passes git commit -q -m "the one on PATH"
