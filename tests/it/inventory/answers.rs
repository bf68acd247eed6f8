//! Every documented shape of an answer is taken as it is, and what they say together is joined.

use akscan::MadeUp;

use super::Case;

const CALLER: &str = r#"{"RequestId":"2C9BE469","AccountId":"1234567890123456","UserId":"2169","IdentityType":"RAMUser",
    "PrincipalId":"2169","Arn":"acs:ram::1234567890123456:user/admin"}"#;
const USERS: &str = r#"{"RequestId":"4B450CA1","IsTruncated":false,"Users":{"User":[
    {"UserPrincipalName":"alice@example.onaliyun.com","UserId":"2073","Status":"active","Tags":{"Tag":[]}},
    {"UserPrincipalName":"bob@example.onaliyun.com","UserId":"2074"}]}}"#;
/// As IMS lists them.
const ALICE: &str = r#"{"RequestId":"4B450CA1","AccessKeys":{"AccessKey":[
    {"AccessKeyId":"{{access-key-id:24#a}}","Status":"Active",
     "CreateDate":"2026-01-13T12:33:18Z","UpdateDate":"2026-01-13T12:33:18Z"},
    {"AccessKeyId":"{{access-key-id:24#b}}","Status":"Inactive",
     "CreateDate":"2025-10-14T12:33:18Z","UpdateDate":"2026-03-01T21:12:21Z"}]}}"#;
const NO_KEYS: &str = r#"{"AccessKeys":{"AccessKey":[]}}"#;
const REPORT: &str = "user,user_creation_time,user_last_logon,password_exist,password_active,password_last_changed,\
    password_next_rotation,mfa_active,access_key_1_exist,access_key_1_active,access_key_1_last_rotated,\
    access_key_1_last_used,access_key_2_exist,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used\n\
    <root>,2019-03-01T02:00:00Z,-,TRUE,TRUE,N/A,N/A,TRUE,FALSE,N/A,N/A,N/A,FALSE,N/A,N/A,N/A\n\
    alice@example.onaliyun.com,2021-05-06T07:08:09Z,-,FALSE,N/A,N/A,N/A,FALSE,\
    TRUE,TRUE,2026-01-13T12:33:18Z,2026-10-01T00:00:00Z,TRUE,FALSE,2025-10-14T12:33:18Z,-\n\
    bob@example.onaliyun.com,2021-05-06T07:08:09Z,-,FALSE,N/A,N/A,N/A,FALSE,FALSE,N/A,N/A,N/A,FALSE,N/A,N/A,N/A\n";

/// `bytes` in an alphabet whose letters hold `width` bits each, padded to whole groups of letters.
fn encoded(bytes: &[u8], alphabet: &[u8], width: usize) -> String {
    let bits: Vec<u8> = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
    let letter = |bits: &[u8]| {
        let value = bits.iter().fold(0, |value, bit| value << 1 | usize::from(*bit)) << (width - bits.len());
        char::from(alphabet[value])
    };
    let text: String = bits.chunks(width).map(letter).collect();
    let group = if width == 6 { 4 } else { 8 };
    let padding = text.len().next_multiple_of(group) - text.len();
    text + &"=".repeat(padding)
}

/// An answer of `GetCredentialReport`.
fn report_answer(width: usize) -> String {
    let alphabet: &[u8] = match width {
        6 => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
        _ => b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
    };
    let content = encoded(REPORT.as_bytes(), alphabet, width);
    format!(
        r#"{{"RequestId":"7A01","GeneratedTime":"2026-11-20T00:00:00Z","Content":"{content}","IsTruncated":"false","NextToken":""}}"#
    )
}

#[test]
fn the_answers_of_one_account_are_joined() {
    let reports = [("report.csv", REPORT.to_owned()), ("report.json", report_answer(6)), ("r.json", report_answer(5))];
    for (name, report) in reports {
        let case = Case::new(&[
            ("answers/caller.json", CALLER),
            ("answers/users.json", USERS),
            ("answers/keys/alice@example.onaliyun.com.json", ALICE),
            ("answers/keys/bob.json", NO_KEYS),
            (&format!("answers/{name}"), &report),
        ]);
        let ran = case.import("2026-11-20");
        insta::allow_duplicates!(insta::assert_snapshot!(ran.stderr, @r"
        Account 1234567890123456: every key is known, as of 2026-11-20.
        keys.db: 2 keys from 5 files, 2 of them new
        "));
        let list = case.run(&["inventory", "list", "keys.db"]).ends(0);
        insta::allow_duplicates!(insta::assert_snapshot!(case.masked(list.text()), @r"
        KEY                       STATUS    CREATED     LAST USED   OWNER
        [b]  inactive  2025-10-14  never       alice@example.onaliyun.com, account 1234567890123456
        [a]  active    2026-01-13  2026-10-01  alice@example.onaliyun.com, account 1234567890123456

        Account 1234567890123456: every key is known, as of 2026-11-20.
        "));
    }
}

#[test]
fn users_keys_alone_are_never_all() {
    let case = Case::new(&[
        ("answers/caller.json", CALLER),
        ("answers/users.json", USERS),
        ("answers/alice.json", ALICE),
        ("answers/bob.json", NO_KEYS),
    ]);
    insta::assert_snapshot!(case.import("2026-11-20").stderr, @r"
    Account 1234567890123456: not every key is known:
      - the primary account's own keys are not listed: it can list them only itself, and a credential report shows whether there are any
    keys.db: 2 keys from 4 files, 2 of them new
    ");
    case.write("answers/root.json", NO_KEYS);
    assert!(case.import("2026-11-20").stderr.starts_with("Account 1234567890123456: every key is known"));
    // A page that is not the last one.
    let case = Case::new(&[("answers/caller.json", CALLER), ("answers/root.json", NO_KEYS)]);
    case.write("answers/users.json", &USERS.replace("false", "true"));
    let told = case.import("2026-11-20").stderr;
    assert!(told.contains("its users are not all known") && told.contains("the keys of 2 of its users"), "{told}");
}

/// Answers about one key, each as its file is named.
const ABOUT_ONE: &[(&str, &str)] = &[
    (
        "answers/last-used/{{access-key-id:24#a}}.json",
        r#"{"RequestId":"20B6","AccessKeyLastUsed":{"LastUsedDate":"2026-10-16T01:37:37Z","ServiceName":"Ram"}}"#,
    ),
    (
        "answers/never/{{access-key-id:24#b}}.json",
        r#"{"AccessKeyLastUsed":{"LastUsedDate":"N/A","ServiceName":"N/A"}}"#,
    ),
    (
        "answers/info.json",
        r#"{"RequestId":"94B0","AccessKeyId":"{{access-key-id:24#a}}","AccountId":"1234567890123456","AccountType":"ram-user",
        "OwnerId":"2073","UserName":"alice","ServiceName":"Oss","Source":"ManagementEvent","UsedTimestamp":1763164800000,
        "Detail":"{\"eventTime\":\"2025-11-15T00:00:00Z\",\"serviceName\":\"Oss\",\"sourceIpAddress\":\"203.0.113.9\"}"}"#,
    ),
    (
        "answers/{{access-key-id:24#a}}-products.json",
        r#"{"Products":[{"ServiceName":"MaxCompute","Source":"ManagementEvent","UsedTimestamp":1763164800000,"Detail":""}]}"#,
    ),
    (
        "answers/{{access-key-id:24#a}}/Oss-events.json",
        r#"{"NextToken":"","Events":[{"EventName":"GetBucketInfo","Source":"ManagementEvent","UsedTimestamp":1763164800000,"Detail":"{\"serviceName\":\"Oss\"}"}]}"#,
    ),
    (
        "answers/{{access-key-id:24#a}}/Oss-ips.json",
        r#"{"Ips":[{"Ip":"203.0.113.7","UsedTimestamp":1763164800000,"Detail":"{}"}]}"#,
    ),
    (
        "answers/{{access-key-id:24#a}}/Oss-resources.json",
        r#"{"Resources":[{"ResourceName":"my-bucket","ResourceType":"ACS::OSS::Bucket","UsedTimestamp":1763164800000}]}"#,
    ),
    (
        "answers/leaks.json",
        r#"{"TotalCount":1,"AkLeakCount":1,"AccessKeyLeakList":[{"Id":1234,"AccesskeyId":"{{access-key-id:24#a}}","AliUserName":"alice",
        "Asset":"Cloud Platform","Type":"AccessKey","Url":"https://github.com/o/r/blob/x","UserType":"ram","Status":"pending","DealType":"pending","GmtModified":1763164800000}]}"#,
    ),
    (
        "answers/detail.json",
        r#"{"AccesskeyId":"{{access-key-id:24#a}}","Code":"secret = {{access-key-secret#s}}","GithubFileUrl":"https://github.com/o/r/blob/y","DealType":"manual","GmtModified":1763164800000}"#,
    ),
    (
        "answers/bin.json",
        r#"{"AccessKeys":{"AccessKey":[{"AccessKeyId":"{{access-key-id:16#c}}","CreateDate":"2024-01-01T00:00:00Z","RecycleDate":"2026-05-01T00:00:00Z","DeleteDate":"2026-08-01T00:00:00Z"}]}}"#,
    ),
    (
        "answers/bin-info.json",
        r#"{"AccessKey":{"AccessKeyId":"{{access-key-id:16#c}}","RecycleDate":"2026-05-01T00:00:00Z","UserPrincipalName":"carol@example.onaliyun.com","UserRecycled":false}}"#,
    ),
    (
        "answers/AccessKey.csv",
        "\u{feff}AccessKey ID,AccessKey Secret\r\n{{access-key-id:24#b}},{{access-key-secret#s}}\r\n",
    ),
    (
        "answers/trail.json",
        r#"{"RequestId":"1","Events":[
        {"eventId":"1","eventName":"DescribeRegions","eventTime":"2026-11-02T03:04:05Z","serviceName":"Ecs","sourceIpAddress":"203.0.113.8","errorCode":"",
         "userIdentity":{"accessKeyId":"{{access-key-id:24#b}}","accountId":"1234567890123456","type":"ram-user","userName":"alice"}},
        {"eventId":"2","eventName":"UpdateAccessKey","eventTime":"2026-11-03T00:00:00Z","serviceName":"Ram","sourceIpAddress":"203.0.113.1",
         "userIdentity":{"accountId":"1234567890123456","type":"root-account"},"requestParameters":{"UserName":"alice","UserAccessKeyId":"{{access-key-id:24#b}}","Status":"Inactive"}},
        {"eventId":"3","eventName":"PutObject","eventTime":"2026-11-04T00:00:00Z","serviceName":"Oss","sourceIpAddress":"203.0.113.8","errorCode":"InvalidAccessKeyId.Inactive",
         "userIdentity":{"accessKeyId":"{{access-key-id:24#b}}","accountId":"1234567890123456","type":"ram-user","userName":"alice"}},
        {"eventId":"4","eventName":"X","eventTime":"2026-11-04T00:00:00Z","serviceName":"Oss","userIdentity":{"accessKeyId":"{{sts-id}}","type":"assumed-role"}}]}"#,
    ),
];

#[test]
fn answers_about_one_key_are_joined_by_its_id() {
    let case = Case::new(ABOUT_ONE);
    let told = case.import("2026-11-20").stderr;
    assert!(told.ends_with("keys.db: 3 keys from 13 files, 3 of them new\n"), "{told}");
    let show = |name: &str, more: &[&str]| {
        let ran = case.run(&[&["inventory", "show", &case.id(name), "keys.db"], more].concat()).ends(0);
        case.masked(ran.text())
    };
    insta::assert_snapshot!("a", show("a", &[]));
    insta::assert_snapshot!("b", show("b", &["--active-at", "2026-11-04T12:00:00Z"]));
    insta::assert_snapshot!("c", show("c", &["--active-at", "2026-06-01"]));
    assert!(show("b", &["--active-at", "2026-11-02T20:00:00Z"]).contains("worked      yes: "));
    let secret = case.secret();
    for name in ["a", "b", "c"] {
        assert!(!show(name, &[]).contains(&secret));
    }
}

#[test]
fn a_folder_is_an_account_and_namesakes_stay_apart() {
    let other = CALLER.replace("1234567890123456", "6543210987654321");
    let case = Case::new(&[
        ("answers/one/caller.json", CALLER),
        ("answers/one/keys/etl.json", ALICE),
        ("answers/two/caller.json", &other),
        (
            "answers/two/etl.json",
            r#"{"AccessKeys":{"AccessKey":[{"AccessKeyId":"{{access-key-id:24#x}}","Status":"Active","CreateDate":"2026-01-01T00:00:00Z"}]}}"#,
        ),
        (
            "answers/etl.json",
            r#"{"AccessKeys":{"AccessKey":[{"AccessKeyId":"{{access-key-id:24#y}}","Status":"Active","CreateDate":"2026-01-01T00:00:00Z"}]}}"#,
        ),
    ]);
    let told = case.import("2026-11-20").stderr;
    let expected = "warning: etl: there is a user of this name in 1234567890123456 and 6543210987654321, and keys of etl \
        that name no account stay without one: give each account a folder of its own";
    assert!(told.contains(expected), "{told}");
    let list = case.run(&["inventory", "list", "keys.db"]).ends(0);
    let owners = |owner: &str| list.text().lines().filter(|line| line.ends_with(owner)).count();
    assert_eq!(
        (owners("etl, account 1234567890123456"), owners("etl, account 6543210987654321"), owners("  etl")),
        (2, 1, 1)
    );
    // Somebody else of the same account has asked, too.
    case.write("answers/two/root-caller.json", &other.replace("user/admin", "root"));
    assert_eq!(case.import("2026-11-20").stderr.matches("warning: ").count(), told.matches("warning: ").count());
    assert!(case.run(&["inventory", "list", "keys.db"]).ends(0).text().contains("etl, account 6543210987654321"));
    case.write("answers/two/caller2.json", CALLER);
    let told = case.import("2026-11-20").stderr;
    assert!(told.contains("the answers of GetCallerIdentity name 1234567890123456 and 6543210987654321"), "{told}");
}

#[test]
fn what_cannot_be_attributed_is_explained() {
    let last_used = r#"{"AccessKeyLastUsed":{"LastUsedDate":"2026-10-16T01:37:37Z"}}"#;
    let case = Case::new(&[
        ("list/keys.json", ALICE),
        ("last-used.json", last_used),
        ("mixed/README.md", "how to collect\n"),
        ("mixed/users.json", USERS),
        ("mixed/carol.json", r#"{"Code":"NoPermission","Message":"You are not authorized"}"#),
    ]);
    let import = |path: &str| case.run(&["inventory", "import", path, "--store", "keys.db"]);
    insta::assert_snapshot!(import("list").ends(0).stderr, @r#"
    warning: list/keys.json: this answer of ListAccessKeys does not name its user, so its keys have no owner: name the file after the user (`alice.json`; `root.json` for the primary account), or put the answer after the name (`{"alice": …}`)
    keys.db: 2 keys from 1 file, 2 of them new
    "#);
    insta::assert_snapshot!(import("last-used.json").ends(2).stderr, @r#"
    error: the inventory cannot be used (hint: name the file after the key (`LTAI….json`, `LTAI…-products.json`), or put the answer after its ID (`{"LTAI…": …}`))
      last-used.json: line 1: this answer does not name its key
    "#);
    insta::assert_snapshot!(import("mixed").ends(0).stderr, @r"
    warning: passed over: mixed/README.md: not an inventory: neither JSON nor CSV whose first line names a known field
    warning: passed over: mixed/carol.json: line 1: an error answer of the service (NoPermission) stands in place of data
    warning: mixed: which account these users are of is not said, so that no account is known completely: put the answer of `aliyun sts GetCallerIdentity` beside them
    keys.db: 0 keys from 1 file, 0 of them new
    ");
    // A scan says so as well.
    let scan = case.run(&["scan", "mixed", "--inventory", "list/keys.json"]).ends(0);
    assert!(scan.stderr.starts_with("warning: list/keys.json: this answer of ListAccessKeys"), "{}", scan.stderr);
    // By name, several in one file.
    let wrapped = format!(r#"{{"alice": {ALICE}, "{}": {last_used}}}"#, MadeUp::new(9).access_key_id(24));
    case.write("all.json", &crate::support::made_up::fill(&wrapped, 1));
    assert!(import("all.json").ends(0).stderr.contains("keys.db: 3 keys from 1 file"), "wrapped");
}
