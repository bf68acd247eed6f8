//! Keys whose parts stand apart in a table of strings: classes, sheets, documents and slides.

use akscan::model::{Confidence, Credential};
use akscan::{Detected, MadeUp};

use super::{detect, found, unread};
use crate::support::archive::zip;
use crate::support::class_file::ClassFile;
use crate::support::program_file::{By, Processor, program};

/// So many IDs, each with its secret.
fn pairs<const N: usize>() -> [(String, String); N] {
    let mut keys = MadeUp::new(1);
    std::array::from_fn(|_| (keys.access_key_id(24), keys.access_key_secret()))
}

/// What is found, once each: `(ID, secret)`, or `(ID, "")` where it is found without a secret only.
fn credentials(detected: &Detected) -> Vec<(String, String)> {
    let all = detected.detections.iter().chain(detected.members.iter().flat_map(|member| &member.detections));
    let mut shown: Vec<_> = all
        .map(|one| match &one.credential {
            Credential::KeyPair { id, secret } => {
                (id.as_str().to_owned(), String::from_utf8(secret.expose().to_vec()).unwrap())
            }
            Credential::KeyId { id, .. } => (id.as_str().to_owned(), String::new()),
            other => panic!("{other:?}"),
        })
        .collect();
    shown.sort();
    shown.dedup();
    let paired: Vec<String> = shown.iter().filter(|(_, secret)| !secret.is_empty()).map(|(id, _)| id.clone()).collect();
    shown.retain(|(id, secret)| !(secret.is_empty() && paired.contains(id)));
    shown
}

#[track_caller]
fn assert_pairs(bytes: &[u8], expected: &[(String, String)]) {
    let detected = detect(bytes);
    let mut expected = expected.to_vec();
    expected.sort();
    assert_eq!(credentials(&detected), expected);
    assert_eq!(unread(&detected), []);
}

#[test]
fn strings_of_a_class_stand_with_what_they_are_for() {
    let [(id, secret)] = &pairs();
    let class = ClassFile::default;
    for class in [
        class().constant("ACCESS_KEY_ID", id).constant("BUCKET", "b").constant("ACCESS_KEY_SECRET", secret),
        class().field("accessKeyId", id).field("endpoint", "oss-cn-hangzhou").field("accessKeySecret", secret),
        class().variable(1, Some("accessKeyId"), id).variable(2, Some("x"), "x").variable(3, Some("sk"), secret),
        class().variable(1, None, id).variable(2, None, secret),
        class().call("<init>", &[id, secret]),
        class().call("build", &["https://oss-cn-hangzhou.aliyuncs.com", id, secret]),
        class().call("put", &["accessKeyId", id]).call("put", &["accessKeySecret", secret]),
        class().call("setAccessKeyId", &[id]).call("setRegion", &["x"]).call("setAccessKeySecret", &[secret]),
        class().constant("A", id).constant("B", "x").constant("C", secret).call("client", &[id, secret]),
        class().lone("Lx;").lone(id).lone(secret),
    ] {
        let bytes = class.finish();
        assert_pairs(&bytes, &pairs::<1>());
        assert_pairs(&zip(&[("a/B.class", &bytes)]), &pairs::<1>());
    }
}

#[test]
fn a_class_with_several_keys_mixes_none_up() {
    let keys = &pairs::<2>();
    let [(one, first), (two, second)] = keys;
    let class = ClassFile::default;
    assert_pairs(&class().call("a", &[one, first]).call("b", &[two, second]).finish(), keys);
    let named = class().constant("OSS_ACCESS_KEY_ID", one).constant("SMS_ACCESS_KEY_ID", two);
    let named = named.constant("SMS_ACCESS_KEY_SECRET", second).constant("OSS_ACCESS_KEY_SECRET", first);
    assert_pairs(&named.finish(), keys);
}

#[test]
fn another_string_of_a_class_is_no_secret() {
    let [(id, secret)] = &pairs();
    let lone = [(id.clone(), String::new())];
    let class = ClassFile::default;
    assert_pairs(&class().constant("A", id).constant("NONCE", secret).finish(), &lone);
    assert_pairs(&class().call("a", &[id]).call("b", &["x"]).call("c", &[secret]).finish(), &lone);
}

#[test]
fn what_only_stands_near_in_a_class_is_less_sure() {
    let [(id, secret)] = &pairs();
    let detected = detect(&ClassFile::default().variable(1, None, id).variable(2, None, secret).finish());
    let detection = &detected.members[0].detections[0];
    assert_eq!(detection.confidence, Confidence::Medium);
    assert_eq!(detection.evidence, ["pair on neighbouring lines"]);
}

#[test]
fn a_class_that_lies_does_no_harm() {
    let [(id, secret)] = &pairs();
    let good = ClassFile::default().constant("ACCESS_KEY_ID", id).call("<init>", &[id, secret]).finish();
    for length in 0..good.len() {
        detect(&good[..length]);
    }
    for at in 8..good.len() {
        for byte in [0, 1, 0x7f, 0xff] {
            let mut bytes = good.clone();
            bytes[at] = byte;
            detect(&bytes);
        }
    }
    // One string is loaded again and again: it is not written as often.
    let long = "x".repeat(60_000);
    let bytes = ClassFile::default().call("f", &vec![&long[..]; 20_000]).finish();
    assert!(detect(&bytes).bytes < 5 * bytes.len() as u64);
}

const SHEET: &str = r#"xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main""#;

/// Texts that the cells of a sheet share.
fn shared(texts: &[&str]) -> String {
    let texts = texts.join("</t></si><si><t>");
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<sst {SHEET}><si><t>{texts}</t></si></sst>")
}

/// A sheet with its texts inside.
fn sheet(rows: &[&[&str]]) -> String {
    let cell = |text: &&str| format!(r#"<c r="A1" t="inlineStr"><is><t>{text}</t></is></c>"#);
    let row = |row: &&[&str]| format!("<row>{}</row>", row.iter().map(cell).collect::<String>());
    let rows: String = rows.iter().map(row).collect();
    format!("<worksheet {SHEET}><sheetData>{rows}</sheetData></worksheet>")
}

/// A document of paragraphs, each of runs.
fn document(paragraphs: &[&[&str]]) -> String {
    let run = |text: &&str| format!("<w:r><w:rPr><w:b/></w:rPr><w:t xml:space=\"preserve\">{text}</w:t></w:r>");
    let paragraph = |runs: &&[&str]| format!("<w:p>{}</w:p>", runs.iter().map(run).collect::<String>());
    let paragraphs: String = paragraphs.iter().map(paragraph).collect();
    let space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
    format!("<?xml version=\"1.0\"?>\n<w:document xmlns:w=\"{space}\"><w:body>{paragraphs}</w:body></w:document>")
}

fn office(name: &str, part: &str) -> Vec<u8> {
    zip(&[("[Content_Types].xml", b"<Types/>"), (name, part.as_bytes())])
}

#[test]
fn texts_of_sheets() {
    let keys = &pairs::<2>();
    let [(id, secret), (two, second)] = keys;
    let (one, strings) = (&keys[..1], "xl/sharedStrings.xml");
    for texts in [
        &["AccessKey ID", id, "AccessKey Secret", secret][..],
        &["AccessKey ID", "AccessKey Secret", id, secret],
        &["User", "AccessKey ID", "AccessKey Secret", "etl", id, secret],
        &["name", id, secret],
    ] {
        assert_pairs(&office(strings, &shared(texts)), one);
    }
    assert_pairs(&office(strings, &shared(&["AccessKey ID", "AccessKey Secret", id, secret, two, second])), keys);
    for rows in [
        &[&["AccessKey ID", id][..], &["AccessKey Secret", secret]][..],
        &[&["User", "AccessKey ID", "AccessKey Secret"], &["etl", id, secret]],
        &[&["AccessKey Secret", "Remark", "AccessKey ID"], &[secret, "", id]],
    ] {
        assert_pairs(&office("xl/worksheets/sheet1.xml", &sheet(rows)), one);
    }
    let rows = [&["AccessKey ID", "AccessKey Secret"][..], &[id, secret], &[two, second]];
    assert_pairs(&office("xl/worksheets/sheet1.xml", &sheet(&rows)), keys);
}

#[test]
fn runs_of_documents() {
    let keys = &pairs::<2>();
    let [(id, secret), (two, second)] = keys;
    let (front, back) = secret.split_at(11);
    for paragraphs in [
        &[&["AccessKeyId", "：", id][..], &["AccessKeySecret", "：", secret]][..],
        &[&["Access", "KeyId: ", &id[..3], &id[3..]], &["notes"], &["AccessKeySecret: ", front, back]],
        &[&["AccessKey ID"], &[id], &["AccessKey Secret"], &[secret]],
    ] {
        assert_pairs(&office("word/document.xml", &document(paragraphs)), &keys[..1]);
        let slide = document(paragraphs).replace("w:document", "p:sld").replace("w:", "a:");
        assert_pairs(&office("ppt/slides/slide1.xml", &slide), &keys[..1]);
    }
    let both = document(&[&["accessKeyId=", id, " accessKeySecret=", secret], &["ak: ", two], &["sk: ", second]]);
    assert_pairs(&office("word/document.xml", &both), keys);
}

#[test]
fn tables_of_documents() {
    let [(id, secret)] = &pairs();
    let cell = |text: &str| format!("<w:tc><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>");
    let row = |cells: &[&str]| format!("<w:tr>{}</w:tr>", cells.iter().map(|text| cell(text)).collect::<String>());
    for rows in [
        [row(&["AccessKeyId", id]), row(&["AccessKeySecret", secret])],
        [row(&["Owner", "AccessKeyId", "AccessKeySecret"]), row(&["etl", id, secret])],
    ] {
        let document = document(&[&["Keys"]]).replace("</w:body>", &format!("{}</w:body>", rows.concat()));
        assert_pairs(&office("word/document.xml", &document), &pairs::<1>());
    }
}

#[test]
fn open_documents() {
    let [(id, secret)] = &pairs();
    let part = |root: &str, body: &str| {
        let space = |name: &str| format!("xmlns:{name}=\"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0\"");
        let spaces = ["office", "text", "table"].map(space).join(" ");
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<office:{root} {spaces}>{body}</office:{root}>")
    };
    let (front, back) = secret.split_at(11);
    let text = format!(
        "<text:p>AccessKeyId:<text:s/>{id}</text:p><text:p>AccessKeySecret: <text:span>{front}</text:span>{back}</text:p>"
    );
    for root in ["document-content", "document-styles"] {
        assert_pairs(&office("content.xml", &part(root, &text)), &pairs::<1>());
    }
    let cell = |text: &str| format!("<table:table-cell><text:p>{text}</text:p></table:table-cell>");
    let row = |cells: &[&str]| {
        format!("<table:table-row>{}</table:table-row>", cells.iter().map(|text| cell(text)).collect::<String>())
    };
    for rows in [
        [row(&["AccessKeyId", id]), row(&["AccessKeySecret", secret])],
        [row(&["Owner", "AccessKeyId", "AccessKeySecret"]), row(&["etl", id, secret])],
    ] {
        assert_pairs(&office("content.xml", &part("document-content", &rows.concat())), &pairs::<1>());
    }
}

#[test]
fn what_is_no_text_of_a_document_is_looked_at_as_it_is() {
    let [(id, secret)] = &pairs();
    let link = format!("<w:hyperlink w:docLocation=\"https://a/?accessKeyId={id}&amp;accessKeySecret={secret}\"/>");
    let bytes = office("word/document.xml", &document(&[&["x"]]).replace("</w:p>", &(link + "</w:p>")));
    assert_pairs(&bytes, &pairs::<1>());
    assert_eq!(found(&detect(&bytes))[0].0, "zip!/word/document.xml");
}

#[test]
fn another_text_of_a_sheet_is_no_secret() {
    let [(id, secret)] = &pairs();
    let lone = [(id.clone(), String::new())];
    for texts in [&["AccessKey ID", "Nonce", id, "note", "more", secret][..], &[id, "Nonce: none", "x", secret]] {
        assert_pairs(&office("xl/sharedStrings.xml", &shared(texts)), &lone);
    }
    let rows = [&["AccessKey ID", "Nonce"][..], &[id, secret]];
    assert_pairs(&office("xl/worksheets/sheet1.xml", &sheet(&rows)), &lone);
}

#[test]
fn strings_of_a_program_begin_and_end_where_it_refers_to_them() {
    let keys = &pairs::<2>();
    let [(one, first), (two, second)] = keys;
    let strings = ["https://oss-cn-hangzhou.aliyuncs.com", one, first, "my-bucket", "usage: upload FILE", two, second];
    for processor in [Processor::Intel, Processor::Arm] {
        for by in [By::Code, By::CodeLengthFirst, By::Data, By::Relocation] {
            let bytes = program(processor, by, &strings);
            assert_pairs(&bytes, keys);
            assert_pairs(&zip(&[("bin/upload", &bytes)]), keys);
        }
    }
}

#[test]
fn a_program_may_be_damaged_anywhere() {
    let [(id, secret)] = &pairs();
    let bytes = program(Processor::Intel, By::Relocation, &["usage: upload FILE", id, secret]);
    for length in 0..bytes.len() {
        detect(&bytes[..length]);
    }
    for at in 0..bytes.len() {
        let mut bytes = bytes.clone();
        bytes[at] = 0xff;
        detect(&bytes);
    }
}
