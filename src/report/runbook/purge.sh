set -u

stop() {
    printf 'Stopped: %s\n' "$1" >&2
    exit 1
}

[ $# -eq 1 ] || { echo "usage: sh $0 CLONE" >&2; exit 2; }
command -v git >/dev/null || stop 'git is not installed'
git filter-repo --version >/dev/null 2>&1 || stop 'git filter-repo is not installed (pip install git-filter-repo)'
cd -- "$1" || stop "cannot enter $1"
[ "$(git rev-parse --is-bare-repository 2>/dev/null)" = true ] ||
    stop "$1 is no mirror clone; make one: git clone --mirror ADDRESS CLONE"

# A file that is removed from history as a whole must not be one that somebody still needs.
if [ -n "$whole" ] && git rev-parse --quiet --verify HEAD >/dev/null; then
    for blob in $whole; do
        path=$(git ls-tree -r HEAD | grep -F -- " blob $blob" | cut -f 2- | head -n 1)
        [ -z "$path" ] || stop "$path still holds the key, packed or encoded; take it out with a commit of its own first"
    done
fi

cat <<'EOF'
This rewrites every commit that held a key, and all that come after it: their ids change, signatures are lost, and every
clone and every open pull request has to be made anew. It undoes no leak: whoever has a copy has the key. Go on only when
every key is disabled or deleted, and everybody has been told.
EOF
printf 'To go on, type purge: '
IFS= read -r reply || reply=
[ "$reply" = purge ] || stop 'as you said'

# The same in each callback: what is removed is known by its hash alone. Stars of the same number take its place, so that
# offsets within a file stay as they are.
clean='
import hashlib, re

def clean(data):
    def cleaned(match):
        run, kept, at = match.group(), [], 0
        while at < len(run):
            for length in LENGTHS:
                part = run[at:at + length]
                if len(part) == length and hashlib.sha256(part).hexdigest() in SECRETS:
                    kept.append(b"*" * length)
                    at += length
                    break
            else:
                kept.append(run[at:at + 1])
                at += 1
        return b"".join(kept)
    for key_id in IDS:
        data = data.replace(key_id, b"*" * len(key_id))
    return re.sub(rb"[0-9A-Za-z]{%d,}" % min(LENGTHS), cleaned, data)
'
strip=
if [ -n "$whole" ]; then
    strip=$(mktemp) || stop 'no temporary file can be made'
    trap 'rm -f -- "$strip"' EXIT
    printf '%s\n' $whole >"$strip"
fi
git filter-repo ${strip:+--strip-blobs-with-ids "$strip"} \
    --blob-callback "$known$clean
blob.data = clean(blob.data)" \
    --message-callback "$known$clean
return clean(message)" \
    --filename-callback "$known$clean
return filename and clean(filename)" \
    --refname-callback "$known$clean
return clean(refname)" \
    --name-callback "$known$clean
return clean(name)" \
    --email-callback "$known$clean
return clean(email)" || stop 'git filter-repo failed; see above'

cat <<'EOF'

Done, in this clone alone. What is left to do:
- look: akscan scan of this clone must find none of the keys any more
- git push --mirror --force ADDRESS, with branch protection lifted for that; a host may refuse refs/pull/*
- ask the host to drop cached views and the old objects; delete forks, caches and artifacts of builds
- everybody clones anew; nobody merges or pushes from an old clone
EOF
