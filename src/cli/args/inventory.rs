//! What the user typed after `akscan inventory`.

use std::path::PathBuf;

#[cfg(feature = "online")]
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;

use super::moment;

const IMPORT_HELP: &str = "\
What is taken, as the `aliyun` command prints it, and told apart by its content:
  ListUsers, ListAccessKeys                            RAM or IMS
  GetAccessKeyLastUsed                                 RAM or IMS
  GetCredentialReport                                  the answer, or the CSV in it
  ListAccessKeysInRecycleBin, GetAccessKeyInfoInRecycleBin
  GetAccessKeyLastUsedInfo|Products|Events|Ips|Resources, LookupEvents      ActionTrail
  DescribeAccesskeyLeakList, DescribeAccessKeyLeakDetail                    Security Center
  GetCallerIdentity                                    says whose account everything beside it is
  CreateAccessKey, the console's AccessKey CSV         their secrets are hashed and not kept
and CSV or JSON of akscan's own, with the field access_key_id, such as an export.

What an answer does not say itself is taken from the name of its file:
  alice.json             the keys of the user alice; root.json: of the primary account
  LTAI….json, LTAI…-products.json, LTAI…/ips.json      about this key
or from the name before it, where several stand in one file: {\"alice\": …, \"LTAI…\": …}.
An answer of GetCallerIdentity speaks for its folder and those below it: give each account a
folder of its own.

An account is known completely with its users (ListUsers or a credential report), the keys of
each user, and its own: these it lists only itself (root.json), or a credential report shows
that there are none. Only then does a scan say of a key that it is not yours.

Examples:
  akscan inventory import answers/ --store keys.db
  aliyun ims GetCredentialReport | akscan inventory import - --store keys.db";

const SEAL_HELP: &str = "\
The secret is read from standard input or a file, never from an argument, and only its SHA-256 is
kept: 30 random characters cannot be guessed back. A scan then finds the secret where it stands
alone, and tells where a wrong one stands beside the ID.

The store must be there: `akscan inventory import` and `akscan inventory pull` make one.

Examples:
  akscan inventory import answers/ --store keys.db         makes the store
  aliyun ram CreateAccessKey --UserName etl > new.json && akscan inventory seal new.json --store keys.db
  akscan inventory seal --id LTAI… --store keys.db         reads the secret from standard input";

#[cfg(feature = "online")]
const PULL_HELP: &str = "\
Credentials, the first that there are:
  1. the profile that --profile names
  2. ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET, and of temporary ones
     ALIBABA_CLOUD_SECURITY_TOKEN
  3. the current profile in ~/.aliyun/config.json
Profiles of the modes AK, StsToken, RamRoleArn and EcsRamRole can be used, and no others: a program
that a profile names is never run, an address in it never asked. Credentials of a role are renewed
when they expire; who assumes a role needs the right sts:AssumeRole for that.

The primary account's own keys are listed only where it asks itself. Where a user or a role does,
the credential report shows whether there are any. If there are, or there is no report, the account
is known in part.

How many calls that takes, of which there are --rate a second, several at once:
  each user              1, and 1 for the recycle bin
  each key               1
  each key that works    1, and 3 for each product that it is used with (`usage`); up to 15 where
                         it has hundreds of addresses or resources there
  each hundred leaks     1
10,000 users with 1,000 keys that work, of three products each: 31,000 calls, 26 minutes at 20 a
second; 10 minutes --without recycle-bin --without usage. What was told so far is kept when that
is interrupted. A part that is refused is named, and no key is missing for it.

Examples:
  akscan inventory pull --print-policy                   the rights that the user or role needs
  akscan inventory pull --store keys.db
  akscan inventory pull --store keys.db --profile audit
  akscan inventory pull --store keys.db --without usage --without recycle-bin
  akscan --inventory keys.db                             then scan with it

Exit codes:
  0  every key of the account is known
  2  wrong usage, no credentials, or nobody answers; the store is as it was
  3  something is missing, and named; what was told is kept";

const CHECK_HELP: &str = "\
Examples:
  akscan inventory import answers/ --store keys.db         makes a store
  akscan inventory check keys.db
  akscan inventory check answers/ --max-age 180            without one

Exit codes:
  0  every key of every account is known, and none has to be looked after
  1  keys to look after
  2  wrong usage, or an inventory that cannot be used
  3  nothing to look after among the keys that are known, but these are not all";

#[derive(Debug, Subcommand)]
pub(crate) enum InventoryCommand {
    /// Add what files say to a store, which is made if there is none.
    #[command(after_long_help = IMPORT_HELP)]
    Import(ImportArgs),
    /// Ask an account for its keys, and add them to a store.
    ///
    /// It asks for the users, the keys of each and when each was last used, and for the credential report; for the recycle
    /// bin, for what each key that works is used with, and for leaks that Alibaba Cloud has seen. It does so with your own
    /// credentials, which are written nowhere. What cannot be had is named, and the rest kept: an account is known
    /// completely only where no key is missing.
    #[cfg(feature = "online")]
    #[command(after_long_help = PULL_HELP)]
    Pull(PullArgs),
    /// Write everything as JSON, which loses nothing when it is imported again.
    Export(ExportArgs),
    /// Add the hash of a key's secret to a store.
    #[command(after_long_help = SEAL_HELP)]
    Seal(SealArgs),
    /// The keys, a line each, and how much of each account is known.
    List(ListArgs),
    /// Everything that is known of one key.
    Show(ShowArgs),
    /// Which keys have to be looked after: old, idle, the primary account's, two at once, leaked.
    #[command(after_long_help = CHECK_HELP)]
    Check(CheckArgs),
}

#[derive(Args, Debug)]
pub(crate) struct ImportArgs {
    /// Files and folders of answers. `-`: standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// The store
    #[arg(long, value_name = "DB")]
    pub(crate) store: PathBuf,
    /// As of when the answers were collected, YYYY-MM-DD or RFC 3339 [default: when each file was last written]
    #[arg(long, value_name = "DAY", value_parser = moment)]
    pub(crate) as_of: Option<Timestamp>,
    /// The account of whatever names none, 16 digits
    #[arg(long, value_name = "ID")]
    pub(crate) account: Option<String>,
}

#[cfg(feature = "online")]
#[derive(Args, Debug)]
#[command(
    mut_arg("endpoint", |arg| arg.help("The host of all services; `http://` only on this machine [default: each its own]")),
    mut_arg("region", |arg| arg.help("Ask STS, ActionTrail and Security Center of this region: `eu-central-1`, `cn-shanghai-finance-1`, … IMS is one for all")),
    mut_arg("vpc", |arg| arg.help("Ask all from inside a virtual private cloud of that region")),
    mut_arg("rate", |arg| arg.default_value("20")),
    mut_arg("patience", |arg| arg.default_value("60")),
)]
pub(crate) struct PullArgs {
    /// The store, which is made if there is none
    #[arg(long, value_name = "DB", required_unless_present = "print_policy")]
    pub(crate) store: Option<PathBuf>,
    /// A profile of the `aliyun` command [default: the environment, else the current profile]
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// Only print the policy with the rights that this takes
    #[arg(long)]
    pub(crate) print_policy: bool,
    /// Leave a part out. Repeatable
    #[arg(long, value_name = "PART", value_parser = part())]
    pub(crate) without: Vec<akscan::online::Part>,
    #[command(flatten)]
    pub(crate) service: super::ServiceArgs,
    /// Where an ECS instance asks for its role, for tests
    #[arg(long, value_name = "HOST", value_parser = akscan::online::Endpoint::parse, hide = true)]
    pub(crate) metadata_endpoint: Option<akscan::online::Endpoint>,
}

#[cfg(feature = "online")]
fn part() -> impl TypedValueParser<Value = akscan::online::Part> {
    use akscan::online::Part;
    PossibleValuesParser::new(Part::ALL.map(Part::name))
        .try_map(|name| Part::ALL.into_iter().find(|part| part.name() == name).ok_or("no such part"))
}

#[derive(Args, Debug)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    pub(crate) from: FromArgs,
    /// Where to [default: standard output]
    #[arg(long, short, value_name = "PATH")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct SealArgs {
    /// An answer of `CreateAccessKey` or the console's AccessKey CSV; with --id, the secret alone. `-`: standard input
    #[arg(value_name = "FILE", default_value = "-")]
    pub(crate) file: PathBuf,
    /// The store
    #[arg(long, value_name = "DB")]
    pub(crate) store: PathBuf,
    /// The key that a lone secret is of
    #[arg(long, value_name = "ACCESS_KEY_ID")]
    pub(crate) id: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) from: FromArgs,
}

#[derive(Args, Debug)]
pub(crate) struct ShowArgs {
    /// The key
    #[arg(value_name = "ACCESS_KEY_ID")]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) from: FromArgs,
    /// Whether it worked then, YYYY-MM-DD or RFC 3339: for example when it leaked
    #[arg(long, value_name = "DAY", value_parser = moment)]
    pub(crate) active_at: Option<Timestamp>,
}

#[derive(Args, Debug)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) from: FromArgs,
    /// A working key older than this has to be rotated
    #[arg(long, value_name = "DAYS", default_value_t = 90)]
    pub(crate) max_age: u16,
    /// A working key that was not used for this long is idle
    #[arg(long, value_name = "DAYS", default_value_t = 90)]
    pub(crate) max_idle: u16,
    /// The day against which age is judged, YYYY-MM-DD or RFC 3339 [default: today]
    #[arg(long, value_name = "DAY", value_parser = moment)]
    pub(crate) as_of: Option<Timestamp>,
    /// How it is written
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub(crate) format: InventoryFormat,
}

/// Where the inventory is.
#[derive(Args, Debug)]
pub(crate) struct FromArgs {
    /// A store, or any files and folders that can be imported
    #[arg(required = true, value_name = "INVENTORY")]
    pub(crate) inventory: Vec<PathBuf>,
}

/// How a check is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum InventoryFormat {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}
