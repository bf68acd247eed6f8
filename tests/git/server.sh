# The pre-receive hook of a server.

serve() {
    repository server
    remote server
    commit README nothing
    git push -q origin main
    printf '#!/bin/sh\nexec "%s" hook pre-receive %s\n' "$akscan" "$*" >"$work/server.git/hooks/pre-receive"
    chmod +x "$work/server.git/hooks/pre-receive"
    git --git-dir="$work/server.git" config receive.advertisePushOptions true
}
refs() { git --git-dir="$work/server.git" for-each-ref; }

about "a clean push"
serve
commit clean.txt clean
passes git push -q origin main

about "a key in the last of three branches that are forced at once"
for branch in one two three; do
    git checkout -q -b "$branch" main
    commit "$branch" "$branch"
    git push -q origin "$branch"
    git commit -q --amend -m "$branch, rewritten"
done
commit leak.yaml "$(key 40)"
before=$(refs)
stops git push --force origin one two three
says "$(id_of 40)" leak.yaml:1 "on three" "$(git rev-parse --short=8 HEAD)" "git commit --amend"
same "$(refs)" "$before"
git rm -q leak.yaml
git commit -q -m "taken out"
stops git push --force origin one two three
says "$(id_of 40)"
git reset -q --hard HEAD~2
passes git push -q --force origin one two three

about "deletions, tags and a branch of what is there already"
passes git push -q origin --delete one
passes git push -q origin main:refs/heads/copy
git tag -a -m "$(key 41)" v1
stops git push origin v1
says "$(id_of 41)" "tag v1"
git tag -d v1 >/dev/null

about "an old key of the server is not raised again"
git checkout -q main
commit old.yaml "$(key 42)"
mv "$work/server.git/hooks/pre-receive" "$work/server.git/hooks/off"
git push -q origin main
mv "$work/server.git/hooks/off" "$work/server.git/hooks/pre-receive"
git checkout -q two
git merge -q --no-edit main
passes git push -q origin two

about "the configuration is that of the server's default branch"
git checkout -q -b evil main
printf '[[allow]]\npath = "**"\nreason = "let me"\n' >akscan.toml
git add akscan.toml
git commit -q -m allow
passes git push -q origin evil
commit leak.yaml "$(key 43)"
stops git push origin evil
says "$(id_of 43)"

about "breaking the glass"
serve --break-glass emergency --break-glass-log "$work/audit"
commit leak.yaml "$(key 44)"
stops git push origin main
says "git push -o emergency"
passes env REMOTE_USER=eve git push -o emergency=INC-1 origin main
says warning
same "$(wc -l <"$work/audit" | tr -d ' ')" 1
said=$(cat "$work/audit")
says 'option="emergency=INC-1"' 'REMOTE_USER="eve"' 'ref="refs/heads/main"' "new=$(git rev-parse HEAD)"
never_says accessKeySecret
serve --break-glass emergency --break-glass-log "$work"
commit leak.yaml "$(key 45)"
stops git push -o emergency origin main
says "not a file"
serve
commit leak.yaml "$(key 46)"
stops git push -o emergency origin main
never_says "-o emergency"

about "the deadline"
serve --deadline 0
commit clean.txt clean
stops git push origin main
says "--deadline"
serve --deadline 0 --on-deadline allow
commit leak.yaml "$(key 47)"
passes git push origin main
says "nothing was checked"
serve --deadline 600
commit clean.txt clean
passes git push -q origin main

about "a damaged command line lets nothing pass"
serve --inventory "$work/none.csv"
commit clean.txt clean
stops git push origin main
says none.csv
serve --break-glass emergency
commit clean.txt clean
stops git push -o emergency origin main
