# The pre-push hook, through everything that pushes.

hooked() {
    repository push
    remote push
    commit README nothing
    passes akscan hook install
    passes git push -q -u origin main
}

about "a clean push, one with a key, and the key taken out of the commit"
hooked
commit clean.txt clean
passes git push -q
commit leak.yaml "$(key 20)"
stops git push
says "$(id_of 20)" leak.yaml:1 "on main" "git commit --amend" "git push --no-verify"
before=$(git --git-dir="$work/push.git" rev-parse main)
git rm -q --cached leak.yaml
git commit -q --amend --allow-empty -m "without it"
passes git push -q

about "a key that the same push takes out again is still pushed"
commit leak.yaml "$(key 21)"
git rm -q leak.yaml
git commit -q -m "taken out"
stops git push
says "$(id_of 21)" "git rebase -i"
git reset -q --hard origin/main

about "the last of three branches that are forced at once"
for branch in one two three; do
    git branch -q "$branch"
    git push -q --no-verify origin "$branch"
    git checkout -q "$branch"
    commit "$branch" "$branch"
    git commit -q --no-verify --amend -m "$branch, rewritten"
done
commit leak.yaml "$(key 22)"
stops git push --force origin one two three
says "$(id_of 22)" "on three"
same "$(git --git-dir="$work/push.git" rev-parse one)" "$(git rev-parse main)"
git reset -q --hard HEAD~1
passes git push -q --force origin one two three

about "deletions, new branches, tags and texts"
passes git push -q origin --delete one
passes git push -q origin main:refs/heads/new
git tag -a -m "$(key 23)" v1
stops git push origin v1
says "$(id_of 23)" "tag v1" "git tag -f -a v1"
git tag -d v1 >/dev/null
git commit -q --allow-empty -m "$(key 24)"
stops git push origin HEAD:refs/heads/text
says "$(id_of 24)"
git reset -q --hard HEAD~1

about "an old key is not raised again by a branch, a merge or a new remote name for it"
hooked
commit old.yaml "$(key 25)"
git push -q --no-verify
git checkout -q -b side
commit side.txt side
passes git push -q origin side
git checkout -q main
commit main.txt main
git merge -q --no-edit side
passes git push -q

about "a key that was pushed before must be replaced, and the message says so"
git checkout -q -b again main
git rm -q old.yaml
git commit -q -m "taken out"
git push -q origin again
commit elsewhere.yaml "$(key 25)"
stops git push origin again
says "$(id_of 25)" "must be replaced"

about "git push --all, --tags and --mirror with many refs"
hooked
for number in $(seq 300); do echo "create refs/tags/t$number $(git rev-parse HEAD)"; done | git update-ref --stdin
passes git push -q --tags
commit leak.yaml "$(key 26)"
stops git push --mirror
says "$(id_of 26)"

about "a hook that was there before gets the same"
hooked
akscan hook uninstall 2>/dev/null
printf '#!/bin/sh\necho "$1 $2" >>"%s/theirs"\ncat >>"%s/theirs"\n' "$work" "$work" >.git/hooks/pre-push
chmod +x .git/hooks/pre-push
passes akscan hook install
commit leak.yaml "$(key 27)"
stops git push
says "$(id_of 27)"
same "$(sed -n 1p "$work/theirs")" "origin $work/push.git"
same "$(sed -n 2p "$work/theirs")" "refs/heads/main $(git rev-parse main) refs/heads/main $(git rev-parse origin/main)"
printf '#!/bin/sh\nexit 7\n' >.git/hooks/pre-push.before-akscan
git reset -q --hard HEAD~1
commit clean.txt clean
stops git push
never_says akscan
passes akscan hook uninstall
same "$(cat .git/hooks/pre-push)" "$(printf '#!/bin/sh\nexit 7')"

about "push by URL, and an up-to-date push"
hooked
commit leak.yaml "$(key 28)"
stops git push "$work/push.git" main
says "$(id_of 28)"
git reset -q --hard HEAD~1
passes git push
never_says warning

about "run by hand: on a terminal nothing is waited for; what git never writes is refused"
commit leak.yaml "$(key 29)"
on_a_terminal() {
    python3 -c 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))' "$@" </dev/null
}
stops on_a_terminal akscan hook pre-push origin "$work/push.git"
says "not run by git" "$(id_of 29)"
stops sh -c 'echo nonsense | akscan hook pre-push origin url'
says "line 1 of standard input"
