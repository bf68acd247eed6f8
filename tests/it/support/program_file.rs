//! Programs of Linux whose strings run into one another, as compilers of Go and Rust write them. In: strings, and what
//! refers to them. Out: bytes.

/// Where the program is in memory.
const ADDRESS: usize = 0x40_0000;
/// The header of the file, and that of its only segment.
const HEADERS: usize = 64 + 56;

/// For which processor a program is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Processor {
    Intel,
    Arm,
}

/// What refers to a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// Code that loads its address, and its length next.
    Code,
    /// Code that stores its length first.
    CodeLengthFirst,
    /// A pointer and a length.
    Data,
    /// A pointer that is filled in when the program is loaded, and a length.
    Relocation,
}

/// The program that refers to each of `strings` in this way, in this order, while they stand in another one.
pub(crate) fn program(processor: Processor, by: By, strings: &[&str]) -> Vec<u8> {
    let mut bytes = vec![0; HEADERS];
    let mut places: Vec<(usize, &str)> = Vec::new();
    bytes.extend(b"is no such processpanicking");
    for string in strings.iter().rev() {
        places.insert(0, (bytes.len(), string));
        bytes.extend(string.bytes());
    }
    bytes.extend(b"waiting for a channel");
    align(&mut bytes);
    let mut relocations = Vec::new();
    for (at, string) in places {
        match (by, processor) {
            (By::Code | By::CodeLengthFirst, Processor::Intel) => intel(&mut bytes, at, string.len(), by),
            (By::Code | By::CodeLengthFirst, Processor::Arm) => arm(&mut bytes, at, string.len(), by),
            (By::Data, _) => {
                bytes.extend([ADDRESS + at, string.len()].map(|word| word as u64).map(u64::to_le_bytes).concat());
            }
            (By::Relocation, _) => {
                relocations.extend([ADDRESS + bytes.len(), 8, ADDRESS + at]);
                bytes.extend([0, string.len() as u64].map(u64::to_le_bytes).concat());
            }
        }
    }
    align(&mut bytes);
    let table = bytes.len();
    bytes.extend(relocations.iter().flat_map(|word| (*word as u64).to_le_bytes()));
    let sections = bytes.len();
    // None, the relocations, their symbols, and the names of those: there are none.
    bytes.extend([0; 64]);
    bytes.extend(section(4, table..sections, 24));
    bytes.extend(section(11, 0..0, 24));
    bytes.extend(section(3, 0..1, 0));
    head(&mut bytes, processor, sections);
    bytes
}

fn align(bytes: &mut Vec<u8>) {
    bytes.resize(bytes.len().next_multiple_of(8), 0);
}

/// `lea rbx, [rip + …]` and `mov ecx, …`.
fn intel(bytes: &mut Vec<u8>, at: usize, length: usize, by: By) {
    let length = [&[0xb9][..], &u32::try_from(length).unwrap().to_le_bytes()].concat();
    if by == By::CodeLengthFirst {
        bytes.extend(&length);
    }
    let distance = i32::try_from(at).unwrap() - i32::try_from(bytes.len() + 7).unwrap();
    bytes.extend([0x48, 0x8d, 0x1d]);
    bytes.extend(distance.to_le_bytes());
    bytes.extend(if by == By::Code { &length[..] } else { &[0x90; 48] });
}

/// `adrp x0, …`, `add x0, x0, …`, and `movz x1, …` or `orr x1, xzr, …`.
fn arm(bytes: &mut Vec<u8>, at: usize, length: usize, by: By) {
    let length = match length {
        // Ones in a row: four of them behind one zero, two behind three.
        30 => 0xb27f_0fe1,
        24 => 0xb27d_07e1,
        _ => 0xd280_0001 | u32::try_from(length).unwrap() << 5,
    };
    let page = u32::try_from((ADDRESS + at) / 4096 - (ADDRESS + bytes.len()) / 4096).unwrap();
    let load = [0x9000_0000 | (page & 3) << 29, 0x9100_0000 | u32::try_from(at % 4096).unwrap() << 10];
    let code = if by == By::Code {
        [&load[..], &[length]].concat()
    } else {
        [&[length][..], &load, &[0xd503_201f; 12]].concat()
    };
    bytes.extend(code.iter().flat_map(|word| word.to_le_bytes()));
}

fn section(kind: u32, range: std::ops::Range<usize>, entry: usize) -> Vec<u8> {
    // Relocations are of the symbols in section 2, whose names are in section 3.
    let link = match kind {
        4 => 2,
        11 => 3,
        _ => 0,
    };
    let words = [2, 0, range.start, range.len(), link, 8, entry];
    let words = words.iter().flat_map(|word| (*word as u64).to_le_bytes());
    [0_u32, kind].iter().flat_map(|half| half.to_le_bytes()).chain(words).collect()
}

fn head(bytes: &mut [u8], processor: Processor, sections: usize) {
    let mut put = |at: usize, value: usize, width: usize| {
        bytes[at..at + width].copy_from_slice(&(value as u64).to_le_bytes()[..width]);
    };
    put(0, 0x0001_0102_464c_457f, 8);
    put(16, 2, 2);
    put(18, if processor == Processor::Intel { 62 } else { 183 }, 2);
    put(20, 1, 4);
    put(32, 64, 8);
    put(40, sections, 8);
    put(52, 64, 2);
    put(54, 56, 2);
    put(56, 1, 2);
    put(58, 64, 2);
    put(60, 4, 2);
    put(62, 3, 2);
    // The segment: all of the file.
    put(64, 1, 4);
    put(68, 5, 4);
    put(80, ADDRESS, 8);
    put(96, sections, 8);
    put(104, sections, 8);
}
