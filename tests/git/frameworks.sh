# pre-commit, prek, lefthook and husky, with the lines that `hook install` prints.

pre_commit
prek
lefthook
husky

# The key with this number is staged, and its commit is stopped.
blocks_commit() {
    key "$1" >leak.yaml
    git add leak.yaml
    stops git commit -m leak
    says "$(id_of "$1")" leak.yaml:1
    git rm -q -f leak.yaml
}

# What there is can be pushed; the key with this number, committed past the hook, cannot.
blocks_push() {
    passes git push -q origin main
    commit leak.yaml "$(key "$1")"
    stops git push origin main
    says "$(id_of "$1")" "on main"
}

about "pre-commit: commits"
repository framework
remote framework
echo "repos: []" >.pre-commit-config.yaml
stops akscan hook install
{ echo "repos:"; printf '%s\n' "$said" | sed -n '/^  - repo/,/^Then run/p' | sed '$d'; } >.pre-commit-config.yaml
git add .pre-commit-config.yaml
passes pre-commit validate-config
passes pre-commit install --hook-type pre-commit --hook-type pre-push
passes git commit -q -m "hooks"
key 60 >leak.yaml
git add leak.yaml
stops git commit -m leak
says "$(id_of 60)" leak.yaml:1
git restore --staged leak.yaml
commit other.txt one
git add leak.yaml
echo two >other.txt
passes git commit -q -m "only the other one" other.txt
git commit -q --no-verify -m leak

about "pre-commit: run --all-files"
stops pre-commit run --all-files
says "$(id_of 60)" leak.yaml:1 "everything in the index"

about "pre-commit: --from-ref and --to-ref"
passes pre-commit run --from-ref HEAD~2 --to-ref HEAD~1
stops pre-commit run --from-ref HEAD~1 --to-ref HEAD
says "$(id_of 60)"

about "pre-commit: pushes, the first one and later ones"
stops git push origin main
says "$(id_of 60)"
git push -q --no-verify origin main
commit clean.txt clean
passes git push -q origin main
commit leak2.yaml "$(key 61)"
stops git push origin main
says "$(id_of 61)"
never_says "$(id_of 60)"

about "pre-commit: it hides all refs but one; the others are told of"
git checkout -q -b second HEAD~1
commit leak3.yaml "$(key 62)"
git checkout -q main
git reset -q --hard HEAD~1
commit more.txt more
passes git push origin main second
says warning "$(id_of 62)"

about "pre-commit: a branch that is not checked out"
git push -q --no-verify origin :second
stops git push origin second
says "$(id_of 62)"

about "pre-commit: merges"
git checkout -q -b side main
commit conflict.txt side
git checkout -q main
commit conflict.txt main
stops git merge -q --no-edit side
key 63 >conflict.txt
git add conflict.txt
stops git commit --no-edit
says "$(id_of 63)"
echo both >conflict.txt
git add conflict.txt
passes git commit -q --no-edit

about "lefthook"
repository framework
remote framework
touch lefthook.yml
stops akscan hook install
printf '%s\n' "$said" | sed -n '/^  pre-commit:/,/^Then run/p' | sed '$d' | sed 's/^  //' >lefthook.yml
passes command lefthook install
git add lefthook.yml
passes git commit -q -m hooks
blocks_commit 64
for branch in one two; do
    git checkout -q -b "$branch"
    commit "$branch" "$branch"
done
commit leak.yaml "$(key 65)"
stops git push origin main one two
says "$(id_of 65)" "on two"
git reset -q --hard HEAD~1
passes git push -q origin main one two

about "husky"
repository framework
remote framework
passes command husky
mkdir -p .husky
stops akscan hook install
says husky
printf '%s\n' "$said" | grep '^  akscan hook pre-commit' | sed 's/^  //' >.husky/pre-commit
printf '%s\n' "$said" | grep '^  akscan hook pre-push' | sed 's/^  //' >.husky/pre-push
git add .husky
passes git commit -q -m hooks
blocks_commit 66
blocks_push 67

about "prek"
repository framework
remote framework
echo "repos: []" >.pre-commit-config.yaml
passes command prek install -t pre-commit -t pre-push
stops akscan hook install
says prek
{ echo "repos:"; printf '%s\n' "$said" | sed -n '/^  - repo/,/^Then run/p' | sed '$d'; } >.pre-commit-config.yaml
git add .pre-commit-config.yaml
passes git commit -q -m hooks
blocks_commit 68
blocks_push 69
