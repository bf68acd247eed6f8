set -u
umask 077
unset CDPATH

# How it stops. Nothing is undone: the state says what is done, and the next run goes on from there.
stop() {
    printf '\nStopped: %s\nTo go on from here, run this again.\n' "$1" >&2
    exit 1
}

# Text of others, fit for a terminal.
shown() {
    printf '%s\n' "$1" | LC_ALL=C tr -d '\000-\010\013-\037\177' | sed 's/^/      /'
}

say() {
    printf '%s\n' "$@"
}

note() {
    printf '      %s\n' "$@"
}

ask() {
    printf '      %s ' "$1"
    IFS= read -r reply || stop 'nobody answers'
}

# Whether it is a word that neither a shell nor an option parser takes for anything else.
is_word() {
    case $1 in
    '' | [!0-9A-Za-z_]* | *[!0-9A-Za-z._=@:-]*) return 1 ;;
    esac
    [ "${#1}" -le 128 ]
}

# The state: lines that end in a dot of their own, so that half a line is none.
record() {
    printf '%s .\n' "$*" >>"$state" || stop "cannot write $state"
}

recall() {
    value=$(sed -n "s/^set $key $1 \(.*\) \.\$/\1/p" "$state" | tail -n 1)
}

open_state() {
    case $state in
    */*) folder=${state%/*} ;;
    *) folder=. ;;
    esac
    if [ ! -e "$state" ]; then
        (set -C && : >"$state") || stop "cannot make $state; give another place with --state FILE"
        record plan "$plan"
    fi
    [ -f "$state" ] && [ ! -L "$state" ] || stop "$state is no plain file; give another place with --state FILE"
    [ -z "$(tail -c 1 "$state")" ] || printf '\n' >>"$state"
    [ "$(head -n 1 "$state")" = "plan $plan ." ] ||
        stop "$state belongs to another plan; give another place with --state FILE"
}

# What was given for these is asked for again.
forget() {
    for name in "$@"; do
        record "set $key $name -"
    done
}

# Who signs: never a leaked key, and somebody that you know.
check_signer() {
    leaked=$*
    for variable in ALIBABA_CLOUD_ACCESS_KEY_ID ALIBABACLOUD_ACCESS_KEY_ID ALICLOUD_ACCESS_KEY_ID ACCESS_KEY_ID; do
        eval "value=\${$variable-}"
        for id in "$@"; do
            [ "$value" != "$id" ] || stop "$variable is a leaked key; sign with another"
        done
    done
    for id in "$@"; do
        if [ -f "${HOME-}/.aliyun/config.json" ] && grep -Fq -- "$id" "${HOME-}/.aliyun/config.json"; then
            say "Mind: a profile in ~/.aliyun/config.json holds the leaked key $id. Do not sign with it."
        fi
    done
    command -v aliyun >/dev/null || stop 'the command aliyun is not installed'
    answer=$(aliyun sts GetCallerIdentity </dev/null) || stop 'aliyun cannot sign in; see the error above'
    say 'The commands are signed by:'
    shown "$answer"
    account=$(printf '%s\n' "$answer" | sed -n 's/.*"AccountId"[[:space:]]*:[[:space:]]*"\{0,1\}\([0-9]\{1,\}\).*/\1/p' | head -n 1)
    arn=$(printf '%s\n' "$answer" | sed -n 's/.*"Arn"[[:space:]]*:[[:space:]]*"\([^"]*\)".*/\1/p' | head -n 1)
    ask 'Is that an administrator of the account that owns the keys, or some of them? [y/n]'
    [ "$reply" = y ] || stop 'sign in as an administrator of that account (aliyun configure)'
}

# What names no user acts on the keys of whoever signs: it is for the primary account alone.
as_primary() {
    case $arn in
    *:root) "$@" ;;
    *)
        note 'The primary account itself does not sign here: do this on the page, signed in as that account, or sign with a' \
            'profile of it and run the script again.'
        by_hand '[d] done on the page  [q] stop:'
        ;;
    esac
}

begin_key() {
    key=$1
    leaked_id=$2
    say '' "== $3"
    shift 3
    note "$@"
}

# Fails if the key is of another account than the one that signs: that account may have a user of the same name. Which it is
# of is asked where that is not known.
in_account() {
    owner=$1
    if [ -z "$owner" ]; then
        recall ACCOUNT
        owner=$value
    fi
    if [ -z "$owner" ] && [ "${foreign#* "$key" }" = "$foreign" ]; then
        note ''
        if yes_or_no "Is this key of account ${account:-(not told)}, which signs?"; then
            owner=${account:--}
            record "set $key ACCOUNT $owner"
        else
            foreign="$foreign$key "
        fi
    fi
    [ "${account:--}" != "$owner" ] || return 0
    if grep -Fqx -- "done $key section ." "$state"; then
        note '' 'Done before.'
        return 1
    fi
    note '' "Skipped: the key is of ${owner:+account }${owner:-another account}, and account ${account:-(not told)} signs."
    case " $elsewhere " in
    *" ${owner:-another} "*) ;;
    *) elsewhere="$elsewhere ${owner:-another}" ;;
    esac
    return 1
}

end_key() {
    record "done $key section"
}

end_plan() {
    say ''
    if [ -n "$not_here" ]; then
        say "Account ${account:-(not told)} was asked, and not every key is its own. If you have other accounts, sign with a profile of" \
            'each and run the script again: it asks them, too.'
    fi
    if [ -z "$elsewhere" ]; then
        [ -z "$not_here" ] || { say 'Nothing else is left for this account.' && return 0; }
        say 'All steps are done.'
        return 0
    fi
    for other in $elsewhere; do
        case $other in
        another) say 'Left are keys of accounts that are not known: sign with a profile of each and run the script again.' ;;
        *) say "Left are keys of account $other: sign with a profile of account $other and run the script again." ;;
        esac
    done
    say 'It goes on where it stopped.'
    stop "account ${account:-(not told)} signs, and keys of another account are left:$elsewhere"
}

# Fails if the step is done.
step() {
    step=$1
    if grep -Fqx -- "done $key $1 ." "$state"; then
        printf '\n  [x] %s\n' "$2"
        return 1
    fi
    printf '\n  [ ] %s\n' "$2"
}

# The same, of a step that each account takes that may have the key, until it is known which one has.
step_of_account() {
    recall ACCOUNT
    step "$1-${value:-${account:--}}" "$2"
}

finish() {
    record "done $key $step"
}

# Whether something is to be done. Fails if it is not, because it was before.
choose() {
    while :; do
        ask "[y] $1  [a] already done or not needed  [q] stop:"
        case $reply in
        y) return 0 ;;
        a) return 1 ;;
        q) stop 'as you said' ;;
        esac
    done
}

# Whether these variables are to be given, as far as they were not before. Fails if what needs them is not to be done.
give() {
    missing=
    for name in "$@"; do
        recall "$name"
        is_word "$value" || missing="$missing $name"
    done
    [ -z "$missing" ] || choose "give$missing"
}

# The same, of variables that are asked for each time.
give_anew() {
    forget "$@"
    give "$@"
}

# Sets a variable, named by the first argument, to what was given before or is given now.
need() {
    recall "$1"
    while ! is_word "$value"; do
        ask "$1, $2:"
        value=$reply
        if is_word "$value"; then
            record "set $key $1 $value"
        else
            note 'Letters, digits and . _ = @ : - are possible, up to 128.'
        fi
    done
    eval "$1=\$value"
}

# The same, asked for each time.
need_anew() {
    forget "$1"
    need "$1" "$2"
}

by_hand() {
    while :; do
        ask "${1-[d] done  [q] stop:}"
        case $reply in
        d) return 0 ;;
        q) stop 'as you said' ;;
        esac
    done
}

again() {
    while :; do
        ask "$1 [y/n]"
        case $reply in
        y) return 0 ;;
        n) return 1 ;;
        esac
    done
}

yes_or_no() {
    while :; do
        ask "$1 [yes/no]"
        case $reply in
        yes) return 0 ;;
        no) return 1 ;;
        esac
    done
}

# Whether a question that decides how to go on was answered so. It is asked once; the answer is kept.
holds() {
    recall "$1"
    no=$1
    if [ "$1" = YOURS ] && [ "$value" != yes ]; then
        # Another account may have the key that this one has not.
        no=YOURS-${account:--}
        recall "$no"
    fi
    if [ -z "$value" ]; then
        note ''
        [ "$1" != YOURS ] || note "Account ${account:-(not told)} signs. Another of yours is asked by a run that is signed by it."
        if yes_or_no "$3"; then
            value=yes
            record "set $key $1 yes"
        else
            value=no
            record "set $key $no no"
        fi
    fi
    [ "$1 $value" != 'YOURS no' ] || not_here=yes
    [ "$value" = "$2" ]
}

# Accounts whose keys are left, or "another"; keys that are said to be of another account; whether one is not the reader's.
elsewhere=
foreign=' '
not_here=
state=$0.state
while [ $# -gt 0 ]; do
    case $1 in
    --state)
        [ $# -ge 2 ] || { echo '--state needs a file' >&2 && exit 2; }
        state=$2
        shift 2
        ;;
    *)
        echo "usage: sh $0 [--state FILE]" >&2
        exit 2
        ;;
    esac
done
[ -f "$0" ] || [ "$state" != "$0.state" ] || { echo 'run it from a file, or give --state FILE' >&2 && exit 2; }
case $state in
-*) state=./$state ;;
esac
