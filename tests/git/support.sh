# What the chapters share. Each check names what must hold, and the suite ends where one does not.

passed=0
said=
name=

# What the next checks are about.
about() { name=$*; echo "   $name"; }

fail() {
    printf 'FAILED: %s\n%s\n' "$name" "$1" >&2
    printf '%s\n' "--- what was said:" "$said" >&2
    exit 1
}

# Runs a command that must succeed.
passes() {
    local code=0
    said=$("$@" 2>&1) || code=$?
    [ $code -eq 0 ] || fail "exit code $code of: $*"
    passed=$((passed + 1))
}

# Runs a command that must fail.
stops() {
    local code=0
    said=$("$@" 2>&1) || code=$?
    [ $code -ne 0 ] || fail "should have been stopped: $*"
    passed=$((passed + 1))
}

# The last command must have said all of this.
says() {
    local text
    for text in "$@"; do
        [[ $said == *"$text"* ]] || fail "does not say: $text"
        passed=$((passed + 1))
    done
}

# The last command must have said none of this.
never_says() {
    local text
    for text in "$@"; do
        [[ $said != *"$text"* ]] || fail "says: $text"
        passed=$((passed + 1))
    done
}

same() {
    [ "$1" = "$2" ] || fail "not the same: $1 and: $2"
    passed=$((passed + 1))
}

# Prints a pair that no other number gives.
key() {
    python3 - "$1" <<'PYTHON'
import random, string, sys
chance = random.Random(int(sys.argv[1]))
def word(length):
    while True:
        text = "".join(chance.choice(string.ascii_letters + string.digits) for _ in range(length))
        kinds = [(c.isupper(), c.islower()) for c in text]
        changes = sum(a != b for a, b in zip(kinds, kinds[1:]))
        if len(set(kinds)) == 3 and changes * 5 >= length * 2:
            return text
print("accessKeyId: LTAI5t" + word(18))
print("accessKeySecret: " + word(30))
PYTHON
}

# The ID of `key NUMBER`.
id_of() { key "$1" | sed -n 's/accessKeyId: //p'; }

# A fresh repository, and into it.
repository() {
    rm -rf "${work:?}/$1"
    git init -q "$work/$1"
    cd "$work/$1"
}

# Commits a file with this text, without hooks.
commit() {
    mkdir -p "$(dirname "$1")"
    printf '%s\n' "$2" >"$1"
    git add -- "$1"
    git commit -q --no-verify -m "${3:-change $1}"
}

# A fresh bare repository beside the current one, as its remote `origin`.
remote() {
    rm -rf "${work:?}/$1.git"
    git init -q --bare "$work/$1.git"
    git remote add origin "$work/$1.git"
}

# A program from PyPI, in an environment of its own: its name, its version, and the folder.
from_pypi() {
    if ! "$tools/$3/bin/$1" --version 2>/dev/null | grep -qF "$2"; then
        rm -rf "${tools:?}/$3"
        mkdir -p "$tools"
        python3 -m venv "$tools/$3" && "$tools/$3/bin/pip" install -q "$1==$2" ||
            { echo "tests/git/run: $1 cannot be installed from PyPI" >&2; exit 2; }
    fi
    PATH=$tools/$3/bin:$PATH
}

# A program from npm, in a folder of its own: its name, its version, and the folder.
from_npm() {
    if ! grep -qF "\"version\": \"$2\"" "$tools/$3/node_modules/$1/package.json" 2>/dev/null; then
        mkdir -p "$tools/$3"
        # Without its installer: that of lefthook would write hooks into the repository around.
        npm install --silent --no-save --ignore-scripts --prefix "$tools/$3" "$1@$2" >/dev/null ||
            { echo "tests/git/run: $1 cannot be installed from npm" >&2; exit 2; }
    fi
    PATH=$tools/$3/node_modules/.bin:$PATH
}

pre_commit() { from_pypi pre-commit "$PRE_COMMIT" venv; }
prek() { from_pypi prek "$PREK" prek; }
lefthook() { from_npm lefthook "$LEFTHOOK" node; }
husky() { from_npm husky "$HUSKY_VERSION" husky; }
