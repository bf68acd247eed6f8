# The pre-commit hook, through everything that makes a commit.

hooked() {
    repository commits
    commit README nothing
    passes akscan hook install
}

about "the first commit"
repository commits
passes akscan hook install
key 1 >leak.yaml
git add leak.yaml
stops git commit -m leak
says "$(id_of 1)" "leak.yaml:1" "git rm --cached"
passes git commit -q --no-verify -m leak

about "what is staged counts, not what lies in the work tree"
hooked
key 1 >conf.yaml
git add conf.yaml
echo clean >conf.yaml
stops git commit -m leak
says "$(id_of 1)" "conf.yaml:1" "git restore --staged conf.yaml" "git commit --no-verify"
git add conf.yaml
key 1 >conf.yaml
passes git commit -q -m clean

about "git commit FILE: what else is changed or staged does not count"
hooked
commit clean.txt one
commit leak.txt one
echo two >clean.txt
key 2 >leak.txt
passes git commit -q -m "only the clean one" clean.txt
git add leak.txt
echo three >clean.txt
passes git commit -q -m "only the clean one again" clean.txt
git restore --staged leak.txt
stops git commit -m "only the leak" leak.txt
says "$(id_of 2)" leak.txt:1
never_says "git restore --staged leak.txt"

about "git commit -a, and from a folder below"
mkdir -p deep/down && cd deep/down
stops git commit -a -m all
says "$(id_of 2)" leak.txt:1
git add ../../leak.txt
stops git commit -m staged
says "git restore --staged ':/leak.txt'"
cd ../..

about "amending: what was committed before is not new, what is added is"
hooked
commit old.yaml "$(key 3)"
echo more >>README
passes git commit -q -a --amend -m "with the old key"
key 4 >new.yaml
git add new.yaml
stops git commit --amend --no-edit
says "$(id_of 4)"
never_says "$(id_of 3)"

about "moving, editing around and removing an old key re-raise nothing"
git rm -q --cached new.yaml && rm new.yaml
git mv old.yaml moved.yaml
passes git commit -q -m moved
{ echo "# a comment"; key 3; } >moved.yaml
passes git commit -q -a -m edited
git rm -q moved.yaml
passes git commit -q -m removed

about "a merge that brings an old key along, with and without a conflict"
hooked
git checkout -q -b side
commit old.yaml "$(key 5)"
commit conflict.txt side
git checkout -q main
commit main.txt main
passes git merge -q --no-edit side
git reset -q --hard HEAD~1
commit conflict.txt main
stops git merge -q --no-edit side
echo both >conflict.txt
git add conflict.txt
passes git commit -q --no-edit
git reset -q --hard HEAD~1
stops git merge -q --no-edit side
key 6 >conflict.txt
git add conflict.txt
stops git commit --no-edit
says "$(id_of 6)" conflict.txt:1
never_says "$(id_of 5)"
git merge --abort

about "a rebase that stops and goes on"
git checkout -q side
stops git rebase -q main
key 7 >conflict.txt
git add conflict.txt
stops git commit -m "in the middle of it"
says "$(id_of 7)"
echo clean >conflict.txt
git add conflict.txt
passes git rebase --continue

about "cherry-pick and revert of an old key's commit"
hooked
commit old.yaml "$(key 8)"
commit after.txt after
git rm -q old.yaml
git commit -q --no-verify -m "taken out"
git revert --no-commit HEAD
stops git commit -m "back again"
says "$(id_of 8)"

about "symlinks, names and what is only marked for adding"
hooked
ln -s "$(key 9 | paste -sd' ')" link
git add link
stops git commit -m link
says "$(id_of 9)"
git rm -q --cached link && rm link
name_with_key="$(key 10 | paste -sd' ')"
echo x >"$name_with_key"
git add -- "$name_with_key"
stops git commit -m name
says "$(id_of 10)"
git rm -q --cached -- "$name_with_key"
rm -- "$name_with_key"
key 11 >later.yaml
git add --intent-to-add later.yaml
passes git commit -q --allow-empty -m "not yet"

about "the configuration is that of HEAD, not of what is staged"
hooked
key 12 >leak.yaml
printf '[[allow]]\npath = "leak.yaml"\nreason = "let me"\n' >akscan.toml
git add leak.yaml akscan.toml
stops git commit -m both
says "$(id_of 12)"
git restore --staged leak.yaml
passes git commit -q -m "the configuration first"
git add leak.yaml
passes git commit -q -m "accepted now"

about "GIT_DIR and GIT_WORK_TREE as git gives them to hooks"
repository commits
commit README nothing
mv .git ../elsewhere.git
stops akscan hook pre-commit
git --git-dir=../elsewhere.git config core.worktree "$PWD"
(cd ../elsewhere.git && passes akscan hook install)
key 13 >leak.yaml
git --git-dir=../elsewhere.git --work-tree=. add leak.yaml
stops git --git-dir=../elsewhere.git --work-tree=. commit -m leak
says "$(id_of 13)"
rm -rf ../elsewhere.git
