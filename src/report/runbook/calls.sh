# Calls of the aliyun command: what they say, what is to be known of a refusal, and room for a new key.

# Offers a command. Fails if it is not to be run, because it was before.
offer() {
    note "run:  $*"
    choose 'run it'
}

# Runs a command that has nothing to read. What it says, a refusal too, is in answer.
run() {
    answer=$("$@" </dev/null 2>&1)
}

# A command was refused. A name that was given wrong is asked for again.
refused() {
    shown "$answer" >&2
    case $answer in
    *EntityNotExist.User.* | *EntityAlreadyExists.User.*) ;;
    *EntityNotExist.User*) forget USER_NAME NEW_USER_NAME ;;
    *EntityAlreadyExists.User*) forget NEW_USER_NAME ;;
    *EntityNotExist.Role*) forget ROLE_NAME ;;
    esac
    stop "the command failed; see the error above${1-}"
}

# Whether a command was refused because there is no such key.
is_of_no_key() {
    case $answer in
    *EntityNotExist.User.AccessKey* | *EntityNotExist.AccessKey*) shown "$answer" ;;
    *) return 1 ;;
    esac
}

look() {
    offer "$@" || return 0
    token=
    while :; do
        if ! run "$@" ${token:+--NextToken "$token"}; then
            is_of_no_key || refused
            note 'No such key is here: it is gone already, or of another user or account.'
            break
        fi
        shown "$answer"
        if ! next_page; then
            note 'Whether that is all cannot be told: the answer is not written as the aliyun command writes it. If it has' \
                'a NextToken of its own, there is more: run the command with --NextToken and that, until there is none.'
            by_hand 'Have you seen all of it? [d] all of it  [q] stop:'
            return 0
        fi
        [ -n "$token" ] || break
        again 'There is more. Go on?' || break
    done
    by_hand 'Read it. [d] all right  [q] stop:'
}

# Looks for the key in the account that signs. A refusal may only mean that it is not there.
look_up() {
    offer "$@" || return 0
    if run "$@"; then
        shown "$answer"
        by_hand 'Read it. [d] all right  [q] stop:'
        return 0
    fi
    shown "$answer" >&2
    note "If it says that there is no such key, account ${account:-(not told)} does not have it, or it was not used in the last 400" \
        'days. If it says anything else, stop, and run this again when that is mended.'
    by_hand '[d] there is no such key  [q] stop:'
}

# Sets token to the NextToken of the answer itself, not of something in it: an event that is listed may have one of its own.
# The command writes every member on a line, those of the answer one tab deep. Fails if it is written otherwise.
next_page() {
    token=
    tab=$(printf '\t')
    printf '%s\n' "$answer" | grep -q "^$tab\"[A-Za-z]*\": " || return 1
    value=$(printf '%s\n' "$answer" | sed -n "s/^$tab\"NextToken\": //p")
    case $value in
    '' | null | null,) ;;
    \"*\" | \"*\",)
        token=${value%,}
        token=${token#\"}
        token=${token%\"}
        case $token in
        -* | *[!0-9A-Za-z._=+/:-]*) return 1 ;;
        esac
        ;;
    *) return 1 ;;
    esac
}

change() {
    offer "$@" || return 0
    if run "$@"; then
        shown "$answer"
        return 0
    fi
    is_of_no_key || refused '. If it says that this is so already, run again and answer a'
    note 'No such key is here. If it is gone already, there is nothing left to do in this step. But a key that works is not' \
        'found under the name of another user either.'
    yes_or_no 'Is it gone?' && return 0
    forget USER_NAME LEAKED_KEY_ID
    stop 'the key is of another user'
}

# Runs a command that makes a key. Its answer goes to a file and is never shown; only the ID of the new key is.
create() {
    file=$folder/new-key-$key.json
    if [ -f "$file" ] && [ ! -s "$file" ]; then
        note "An earlier attempt left no answer in $file: a key may have been made that nobody can use." \
            'Look at the keys of the user in the console first, and delete one that is new.'
        by_hand '[d] looked  [q] stop:'
        rm -f -- "$file"
    fi
    while [ ! -e "$file" ]; do
        offer "$@" || return 0
        answer=$( (set -C && exec "$@" </dev/null >"$file") 2>&1) || {
            [ -s "$file" ] || rm -f -- "$file"
            case $answer in
            *LimitExceeded.User.AccessKey*) make_room "$@" ;;
            *) refused ;;
            esac
        }
    done
    value=$(ids <"$file" | head -n 1)
    is_word "$value" || stop "no AccessKeyId in $file; look at it where nobody looks over your shoulder"
    record "set $key NEW_KEY_ID $value"
    note "New key: $value" "Its secret is in $file, which only you can read. Move it to your secret manager," \
        'and delete the file when all is done.'
}

ids() {
    tr ',{}' '[\n*]' | sed -n 's/.*"AccessKeyId"[[:space:]]*:[[:space:]]*"\([^"]*\)".*/\1/p'
}

# The user has two keys, and a third was refused: frees a place, or says what to do instead. Takes the command that makes
# the key.
make_room() {
    product=$2 named=$4 user=$5
    run aliyun "$product" ListAccessKeys "$named" "$user" || refused
    note '' 'Refused (LimitExceeded.User.AccessKey): the user has two keys, which is the most.'
    shown "$answer"
    recall LEAKED_KEY_ID
    leaked_id=${leaked_id:-$value}
    made=$(sed -n 's/^set [^ ]* NEW_KEY_ID \(.*\) \.$/\1/p' "$state" | tr '\n' ' ')
    other=
    for value in $(printf '%s\n' "$answer" | ids); do
        case " $leaked $leaked_id $made " in
        *" $value "*) ;;
        *) other=$value ;;
        esac
    done
    if is_word "$other"; then
        free_other
    else
        free_leaked
    fi
}

# The other key is in the way.
free_other() {
    note "In the way is $other. Its last use (the answer lags behind by about two hours):"
    run aliyun "$product" GetAccessKeyLastUsed "$named" "$user" --UserAccessKeyId "$other" || refused
    shown "$answer"
    if yes_or_no "Does anything use $other?"; then
        move_out
    fi
    note '' "So it goes. Disable it first. What fails then does use it, and this brings it back:" \
        "aliyun $product UpdateAccessKey $named $user --UserAccessKeyId $other --Status Active"
    change aliyun "$product" UpdateAccessKey "$named" "$user" --UserAccessKeyId "$other" --Status Inactive
    note '' 'Wait a day at least, and for as long as its rarest job takes to come round. You may stop here meanwhile.'
    by_hand '[d] nothing misses it  [q] stop:'
    change aliyun "$product" DeleteAccessKey "$named" "$user" --UserAccessKeyId "$other"
    note '' 'There is room for the new key now.'
}

# The other key leaked as well, or takes the place of one that did: the one of these steps makes room itself, if it is
# disabled.
free_leaked() {
    note 'The other key leaked as well, and goes by its own steps; or it was made by these.'
    if ! is_word "$leaked_id" || ! grep -Eqx -- "done $key [0-9]+-disable \." "$state"; then
        move_out
    fi
    note 'So the leaked one makes room: it is disabled. It cannot be enabled again after this. Its calls stay on record: the' \
        'check for abuse comes further down.'
    change aliyun "$product" DeleteAccessKey "$named" "$user" --UserAccessKeyId "$leaked_id"
    note '' 'There is room for the new key now.'
}

move_out() {
    note '' 'Then both stay for now, and what uses the leaked key moves to a RAM user of its own. On the page of the users' \
        '(https://ram.console.aliyun.com/users) make one, give it the least rights that the workload needs, and make a key' \
        'of it. Then run this again, answer a to the command that makes a key, and use that one.'
    stop 'the user has no room for another key'
}

# Runs a command whose answer is needed later, in a file of this name.
keep() {
    file=$folder/$1-$key.json
    shift
    [ ! -s "$file" ] || { note "Kept before: $file" && return 0; }
    offer "$@" || stop "later steps need the answer, in $file"
    answer=$( ("$@" </dev/null >"$file") 2>&1) || { rm -f -- "$file" && refused; }
    note "Kept: $file"
}

# Sets POLICY_TYPE and POLICY_NAME to the next of the policies that were kept with which the step is not done. Fails after
# the last.
next_policy() {
    file=$folder/role-policies-$key.json
    [ -s "$file" ] || stop "the list of policies is not in $file"
    number=0
    while :; do
        number=$((number + 1))
        POLICY_TYPE=$(listed PolicyType)
        POLICY_NAME=$(listed PolicyName)
        [ -n "$POLICY_TYPE$POLICY_NAME" ] || return 1
        is_word "$POLICY_TYPE" || stop "cannot read policy $number in $file"
        is_word "$POLICY_NAME" || stop "cannot read policy $number in $file"
        grep -Fqx -- "done $key $step-$POLICY_TYPE-$POLICY_NAME ." "$state" || return 0
    done
}

listed() {
    tr ',{}' '[\n*]' <"$file" |
        sed -n 's/^[[:space:]]*"'"$1"'"[[:space:]]*:[[:space:]]*"\([^"]*\)".*/\1/p' | sed -n "${number}p"
}

finish_policy() {
    record "done $key $step-$POLICY_TYPE-$POLICY_NAME"
}

# Sets TRUST_POLICY and SESSION_SECONDS to the settings of the role that were kept. The policy is JSON in a string of JSON.
kept_role() {
    file=$folder/role-$key.json
    [ -s "$file" ] || stop "the settings of the role are not in $file"
    TRUST_POLICY=$(tr -d '\000-\037\177' <"$file" |
        sed -nE 's/.*"AssumeRolePolicyDocument"[[:space:]]*:[[:space:]]*"(([^"\\]|\\.)*)".*/\1/p' |
        sed -E 's/\\[nrt]/ /g; s/\\(["\\/])/\1/g')
    [ -n "$TRUST_POLICY" ] || stop "no AssumeRolePolicyDocument in $file"
    SESSION_SECONDS=$(sed -n 's/.*"MaxSessionDuration"[[:space:]]*:[[:space:]]*"\{0,1\}\([0-9]\{1,\}\).*/\1/p' "$file" | head -n 1)
    SESSION_SECONDS=${SESSION_SECONDS:-3600}
}
