//! Does any content cost more than its size? Inputs made to be slow, each at one, two, four and eight times its size.
//!
//! `cargo bench --bench worst` prints seconds of one core (the best of three, or of one that takes long) and by what eight
//! times the size is more than eight times the time; `-- NAME…` measures only those whose name holds one of these,
//! `-- --size KIB` begins with so many kibibytes (256), `-- --huge` measures lines of 100 MB and 512 MiB of zeros once
//! instead. `-- --write FOLDER` writes the inputs, for other tools to be measured on.

#![expect(clippy::print_stdout, clippy::cast_precision_loss, reason = "a table of rough figures for people")]

#[path = "../it/support/archive.rs"]
#[allow(dead_code, clippy::unwrap_used, reason = "it is the tests'; they use more of it")]
mod archive;

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use akscan::model::{Body, SecretHash};
use akscan::{Detector, MadeUp, RuleSet};

use archive::{base64, gzip, tar, zip, zlib};

/// Makes so many bytes, more or less.
type Make = fn(usize) -> Vec<u8>;

const INPUTS: &[(&str, Make)] = &[
    ("zeros", |size| vec![0; size]),
    ("letters", |size| b"q".repeat(size)),
    ("random", random),
    ("random letters", |size| letters(size, 1)),
    ("IDs, a line each", |size| lines(size, "{{access-key-id:24}}\n")),
    ("IDs, one line", |size| lines(size, "{{access-key-id:24}} ")),
    ("LTAI", |size| fill(size, b"LTAI")),
    ("prefixes", |size| fill(size, b"STS.TMP.CAIS")),
    ("tokens", |size| lines(size, "{{security-token}}\n")),
    ("secrets, a line each", |size| lines(size, "{{access-key-secret}}\n")),
    ("IDs, then as many secrets", |size| {
        [lines(size / 2, "{{access-key-id:24}}\n"), lines(size / 2, "{{access-key-secret}}\n")].concat()
    }),
    ("pairs, a line each", |size| lines(size, "{{access-key-id:24}}:{{access-key-secret}}\n")),
    ("pairs, one line", |size| lines(size, "id={{access-key-id:24}}&secret={{access-key-secret}}&")),
    ("named pairs", |size| lines(size, "accessKeyId: {{access-key-id:24}}\naccessKeySecret: {{access-key-secret}}\n")),
    ("a table", |size| {
        let rows = lines(size, "{{access-key-id:24}},{{access-key-secret}},x\n");
        [b"AccessKey ID,AccessKey Secret,note\n".as_slice(), &rows].concat()
    }),
    ("a table on one line", |size| {
        [b"id,secret\n".as_slice(), &lines(size, "{{access-key-id:24}},{{access-key-secret}},")].concat()
    }),
    ("tuples of SQL", |size| {
        let rows = lines(size, "('{{access-key-id:24}}','{{access-key-secret}}'),");
        [b"INSERT INTO t (id, secret) VALUES ".as_slice(), &rows].concat()
    }),
    ("rows of 16 KiB", |size| {
        let row = |_| {
            [lines(1 << 14, "{{access-key-id:24}},{{access-key-secret}}\t{{access-key-secret}};vvv|"), b"\n".to_vec()]
        };
        (0..size.div_ceil(1 << 14)).flat_map(row).flatten().collect()
    }),
    ("a far-off pair in prose", |size| {
        let mut text = fill(size, b"some words and more of them ");
        text.extend(lines(1, "accessKeyId={{access-key-id:24}} accessKeySecret={{access-key-secret}}"));
        text
    }),
    ("AccessKeySecret=", |size| fill(size, b"AccessKeySecret=")),
    ("names in one run of letters", |size| fill(size, &[b"AccessKeySecret".as_slice(), &[b'q'; 1009]].concat())),
    ("IDs in one run of letters", |size| fill(size, &[b"LTAI".as_slice(), &[b'q'; 1020]].concat())),
    ("accessKeySecret: \"", |size| fill(size, b"accessKeySecret: \"")),
    ("masked secrets", |size| fill(size, b"accessKeySecret = ********************\n")),
    ("old IDs", |size| fill(size, b"accessKeyId=a1B2c3D4e5F6g7H8 ")),
    ("brackets", |size| nested(size, b"[")),
    ("deep JSON", |size| nested(size, b"{\"accessKeyId\":")),
    ("deep JSON with pairs", |size| {
        lines(size, "{\"accessKeyId\":\"{{access-key-id:24}}\",\"accessKeySecret\":\"{{access-key-secret}}\",\"x\":")
    }),
    ("keys that fit no other, deep in JSON", |size| {
        let keys = lines(
            size,
            "\"aliyun.accessKeyId\": \"{{access-key-id:24}}\",\n\"s3.secretKey\": \"{{access-key-secret}}\",\n",
        );
        [fill(600, b"[{\"x\":"), keys].concat()
    }),
    ("deep YAML", |size| {
        let level = |depth: usize| format!("{}level{depth}:\n", " ".repeat(depth));
        let keys = "accessKeyId: {{access-key-id:24}}\naccessKeySecret: {{access-key-secret}}\n";
        lines(size, &((0..60).map(level).collect::<String>() + keys))
    }),
    ("deep XML", |size| {
        let keys =
            "<accessKeyId>{{access-key-id:24}}</accessKeyId><accessKeySecret>{{access-key-secret}}</accessKeySecret>";
        lines(size, &("<a>".repeat(60) + keys + &"</a>".repeat(60)))
    }),
    ("elements", |size| fill(size, b"<name>accessKeySecret</name><value>")),
    ("elements that end nothing", |size| fill(size, b"<a secret=</a></b><")),
    ("pieces of literals", |size| fill(size, b"accessKeySecret = \"a\" + \"")),
    ("pieces that may be appended", |size| fill(size, b"secret.append(\"a1\");\n")),
    ("pieces of statements", |size| fill(size, b"secret << \"a1\";\n")),
    ("pieces of formats", |size| fill(size, b"secret=format(\"%s%s\", \"a1\", \"b2\")\n")),
    ("secrets in base64, a line each", |size| {
        let secrets: Vec<u8> = letters(size / 4 * 3, 1);
        secrets.chunks(30).flat_map(|secret| [base64(secret), b"\n".to_vec()].concat()).collect()
    }),
    ("lists of numbers", |size| fill(size, b"84, 65, ")),
    ("lists of numbers near names", |size| fill(size, b"secret=0x54,0x41,0x49,")),
    ("hexadecimal text", |size| fill(size, b"4c544149")),
    ("escapes", |size| fill(size, b"\\u004c\\u0054\\u0041\\u0049")),
    ("percent of percent", |size| fill(size, b"%254c%2554%2541%2549")),
    ("escapes of escapes", |size| fill(size, b"\\u005cu004c\\u005cu0054\\u005cu0041")),
    ("entities of escapes", |size| fill(size, b"&#92;u0054&#92;u0041&#84;&#65;")),
    ("quoted-printable", |size| fill(size, b"secret=3D=54=41=49=\n")),
    ("sealed values", |size| fill(size, b"AccessKeySecret: U2FsdGVkX1")),
    ("base64 of random bytes", |size| base64(&random(size / 4 * 3))),
    ("base64 that announces itself", |size| fill(size, b"TFRBSTV0")),
    ("base64 of LTAI", |size| base64(&fill(size / 4 * 3, b"LTAI"))),
    ("base64, three times, of LTAI", |size| base64(&base64(&base64(&fill(size * 27 / 64, b"LTAI"))))),
    ("base64, three times, of pairs", |size| {
        let pairs = lines(size * 27 / 64, "id={{access-key-id:24}} secret={{access-key-secret}}\n");
        base64(&base64(&base64(&pairs)))
    }),
    ("base64, six times", |size| (0..6).fold(fill(size * 178 / 1000, b"accessKeySecret=x "), |text, _| base64(&text))),
    ("values in base64", |size| {
        let keys = 1 + size / 90;
        let mut made = MadeUp::new(7);
        let mut key = || [base64(made.access_key_id(24).as_bytes()), base64(made.access_key_secret().as_bytes())];
        (0..keys).flat_map(|_| [b"k: ".to_vec(), key().join(&b"\ns: "[..]), b"\n".to_vec()].concat()).collect()
    }),
    ("gzip in base64, a line each", |size| {
        let text = lines(1, "id={{access-key-id:24}} secret={{access-key-secret}}\n");
        fill(size, &[base64(&gzip(&text)), b"\n".to_vec()].concat())
    }),
    ("zlib in base64, a line each", |size| {
        let text = lines(1, "id={{access-key-id:24}} secret={{access-key-secret}}\n");
        fill(size, &[base64(&zlib(&text)), b"\n".to_vec()].concat())
    }),
    ("wide pairs in a program", |size| {
        let text = lines(size / 2, "id={{access-key-id:24}}\u{1}secret={{access-key-secret}}\u{1}");
        [b"MZ\x90".as_slice(), &text.iter().flat_map(|&byte| [byte, 0]).collect::<Vec<u8>>()].concat()
    }),
    ("a program of references", program),
    ("wide letters", |size| [b"\x7f\x01".as_slice(), &fill(size, b"L\0T\0A\0")].concat()),
    ("gzip of zeros", |size| gzip(&vec![0; size * 64])),
    ("zip of gzip of base64 of pairs", |size| {
        let pairs = lines(size * 3 / 4, "id={{access-key-id:24}} secret={{access-key-secret}}\n");
        let inner = gzip(&base64(&pairs));
        zip(&[("a.gz", &inner), ("b.gz", &inner)])
    }),
    ("archives in archives", |size| {
        let leaf = tar(&[("a", b"secret"), ("b", b"secret")]);
        let inner = (0..7).fold(leaf, |inner, _| tar(&[("a.tar", &inner), ("b.tar", &inner)]));
        fill(size, &inner)
    }),
    ("tiny members", |size| {
        let names: Vec<String> = (0..size / 1536).map(|number| format!("{number}/conf")).collect();
        let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b"secret"[..])).collect();
        [tar(&files), zip(&files)].concat()
    }),
];

/// Those that are measured once and huge, with how many bytes.
const HUGE: [(&str, Make, usize); 8] = [
    ("zeros", |size| vec![0; size], 512 << 20),
    ("a line of text", |size| fill(size, b"some words and more of them "), 100_000_000),
    ("a line of JSON", |size| fill(size, b"{\"name\":\"a b\",\"id\":[1,2,{\"x\":null}]},"), 100_000_000),
    (
        "a line of JSON with pairs",
        |size| {
            let text = "x".repeat(960);
            lines(
                size,
                &format!(
                    "{{\"text\":\"{text}\",\"id\":\"{{{{access-key-id:24}}}}\",\"secret\":\"{{{{access-key-secret}}}}\"}},"
                ),
            )
        },
        100_000_000,
    ),
    ("a line of base64", |size| base64(&random(size / 4 * 3)), 100_000_000),
    ("a line of pairs", |size| lines(size, "id={{access-key-id:24}}&secret={{access-key-secret}}&"), 100_000_000),
    ("a line of LTAI", |size| fill(size, b"LTAI"), 100_000_000),
    ("a line of names", |size| fill(size, b"AccessKeySecret="), 100_000_000),
];

fn main() {
    // `cargo bench` adds `--bench`; `cargo test --benches` runs this without it and only wants to see it start.
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.is_empty() {
        return;
    }
    let after = |flag: &str| Some(arguments.get(arguments.iter().position(|argument| argument == flag)? + 1)?.as_str());
    let size = after("--size").map_or(256, |size| size.parse().expect("a size is a number")) << 10;
    let wanted: Vec<&String> = arguments
        .iter()
        .filter(|argument| !argument.starts_with("--"))
        .filter(|argument| ![after("--size"), after("--write")].contains(&Some(argument.as_str())))
        .collect();
    let inputs = INPUTS.iter().filter(|(name, _)| wanted.is_empty() || wanted.iter().any(|part| name.contains(*part)));
    match after("--write") {
        Some(folder) => inputs.for_each(|input| write(Path::new(folder), input, size)),
        None if arguments.iter().any(|argument| argument == "--huge") => huge(&wanted),
        None => table(inputs, size),
    }
}

/// One that knows the hashes of secrets, too.
fn detector() -> Detector {
    let mut detector = Detector::new(RuleSet::builtin().expect("the rules compile"));
    detector.know((0..1000_u32).map(|number| SecretHash::of(&number.to_le_bytes())));
    detector
}

fn huge(wanted: &[&String]) {
    let detector = detector();
    println!("{:<34} {:>7} {:>7}  MB/s", "", "MB", "s");
    for (name, make, size) in HUGE {
        if wanted.is_empty() || wanted.iter().any(|part| name.contains(*part)) {
            let bytes = make(size);
            let (megabytes, seconds) = (bytes.len() as f64 / 1e6, time(&detector, &bytes).as_secs_f64());
            println!("{name:<34} {megabytes:>7.0} {seconds:>7.2} {:>5.0}", megabytes / seconds);
        }
    }
}

fn table<'a>(inputs: impl Iterator<Item = &'a (&'static str, Make)>, size: usize) {
    let detector = detector();
    println!("{:<34} {:>7} {:>7} {:>7} {:>7}  8x / 1x  MB/s", "", "1x", "2x", "4x", "8x");
    for (name, make) in inputs {
        let runs = [1, 2, 4, 8].map(|times| {
            let bytes = make(size * times);
            (bytes.len(), time(&detector, &bytes).as_secs_f64())
        });
        let seconds = runs.map(|(_, seconds)| format!("{seconds:>7.3}")).join(" ");
        // Compressed, eight times as much is not exactly eight times as long.
        let (first, last) = (runs[0], runs[3]);
        let factor = last.1 / first.1;
        println!("{name:<34} {seconds} {factor:>8.1} {:>6.0}", last.0 as f64 / last.1 / 1e6);
    }
}

/// The least time of three that looking at `bytes` takes, as a stream, as files are read.
fn time(detector: &Detector, bytes: &[u8]) -> Duration {
    let once = || {
        let before = busy();
        black_box(detector.detect(Body::Stream(&mut &*bytes)).expect("memory can be read"));
        busy().saturating_sub(before)
    };
    let first = once();
    // What takes long is measured well enough by once.
    if first > Duration::from_secs(1) { first } else { first.min(once()).min(once()) }
}

/// For how long this thread was busy, where the system tells; else the time of day.
fn busy() -> Duration {
    static START: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    let told = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|text| text.split_whitespace().next()?.parse().ok());
    nanoseconds.map_or_else(|| START.elapsed(), Duration::from_nanos)
}

fn write(folder: &Path, (name, make): &(&str, Make), size: usize) {
    fs::create_dir_all(folder).expect("the folder can be made");
    for times in [1, 2, 4, 8] {
        let file = folder.join(format!("{}-{times}", name.replace(|c: char| !c.is_ascii_alphanumeric(), "-")));
        fs::write(file, make(size * times)).expect("the file can be written");
    }
}

fn fill(size: usize, unit: &[u8]) -> Vec<u8> {
    unit.repeat(size.div_ceil(unit.len()))
}

/// `unit` again and again with other keys.
fn lines(size: usize, unit: &str) -> Vec<u8> {
    let mut keys = MadeUp::new(1);
    let mut text = String::with_capacity(size + 1024);
    while text.len() < size {
        text.push_str(&keys.fill(unit));
    }
    text.into_bytes()
}

/// What opens, and never closes, and then a pair.
/// Code that loads the address of one and the same text again and again, in a program with one segment.
fn program(size: usize) -> Vec<u8> {
    let text = lines(256, "LTAI accessKeySecret {{access-key-secret}} ");
    let mut bytes = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0\x01\0\0\0".to_vec();
    let words = [0, 64, 0, 0x0038_0040_0000_0000, 1, 0x0000_0005_0000_0001, 0, 0x40_0000, 0, size, size, 8];
    bytes.extend(words.iter().flat_map(|word: &usize| (*word as u64).to_le_bytes()));
    let start = bytes.len();
    bytes.extend_from_slice(&text);
    while bytes.len() < size {
        let distance = i64::try_from(start).unwrap_or_default() - i64::try_from(bytes.len() + 7).unwrap_or_default();
        bytes.extend_from_slice(b"\x48\x8d\x1d");
        bytes.extend_from_slice(&distance.to_le_bytes()[..4]);
        bytes.extend_from_slice(b"\xb9\xff\0\0\0");
    }
    bytes.truncate(size);
    bytes
}

fn nested(size: usize, unit: &[u8]) -> Vec<u8> {
    [fill(size, unit), lines(1, "accessKeyId={{access-key-id:24}} accessKeySecret={{access-key-secret}}")].concat()
}

fn random(size: usize) -> Vec<u8> {
    let mut bits = MadeUp::new(3);
    (0..size.div_ceil(8)).flat_map(|_| bits.bits().to_le_bytes()).collect()
}

fn letters(size: usize, seed: u64) -> Vec<u8> {
    let mut keys = MadeUp::new(seed);
    (0..size.div_ceil(30)).flat_map(|_| keys.access_key_secret().into_bytes()).collect()
}
