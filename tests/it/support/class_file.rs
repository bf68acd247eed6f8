//! Class files, as a compiler of Java writes them. In: what a class sets and calls. Out: bytes.

/// A class with one method.
#[derive(Default)]
pub(crate) struct ClassFile {
    constants: Vec<Vec<u8>>,
    fields: Vec<u8>,
    field_count: u16,
    code: Vec<u8>,
    variables: Vec<u8>,
    variable_count: u16,
}

impl ClassFile {
    /// `static final String name = "value";`
    pub(crate) fn constant(mut self, name: &str, value: &str) -> Self {
        let field = [0x1a, self.text(name), self.text("Ljava/lang/String;"), 1, self.text("ConstantValue")];
        self.fields.extend(shorts(&field));
        self.fields.extend([0, 0, 0, 2]);
        let value = self.string(value);
        self.fields.extend(value.to_be_bytes());
        self.field_count += 1;
        self
    }

    /// `this.name = "value";`
    pub(crate) fn field(mut self, name: &str, value: &str) -> Self {
        self.code.push(0x2a);
        self.load(value);
        self.reference(0xb5, 9, name);
        self
    }

    /// `String name = "value";`, with the name kept as with `-g` if there is one.
    pub(crate) fn variable(mut self, number: u8, name: Option<&str>, value: &str) -> Self {
        self.load(value);
        self.code.extend([0x3a, number]);
        if let Some(name) = name {
            let start = u16::try_from(self.code.len()).unwrap();
            let variable = [start, 1, self.text(name), self.text("Ljava/lang/String;"), u16::from(number)];
            self.variables.extend(shorts(&variable));
            self.variable_count += 1;
        }
        self
    }

    /// `new Name("value", "value");`, or a method's call.
    pub(crate) fn call(mut self, name: &str, values: &[&str]) -> Self {
        for value in values {
            self.load(value);
        }
        self.reference(0xb7, 10, name);
        self
    }

    /// A constant that nothing uses.
    pub(crate) fn lone(mut self, value: &str) -> Self {
        self.text(value);
        self
    }

    pub(crate) fn finish(mut self) -> Vec<u8> {
        let names = ["x", "()V", "Code", "LocalVariableTable"].map(|name| self.text(name));
        let attribute = |name: u16, body: &[&[u8]]| {
            let body = body.concat();
            [&name.to_be_bytes()[..], &u32::try_from(body.len()).unwrap().to_be_bytes(), &body].concat()
        };
        let variables = attribute(names[3], &[&self.variable_count.to_be_bytes(), &self.variables]);
        let length = u32::try_from(self.code.len()).unwrap().to_be_bytes();
        let code = attribute(names[2], &[&[0, 9, 0, 9], &length, &self.code, &[0, 0, 0, 1], &variables]);
        let count = u16::try_from(self.constants.len() + 1).unwrap();
        [
            &b"\xca\xfe\xba\xbe\0\0\0\x3d"[..],
            &count.to_be_bytes(),
            &self.constants.concat(),
            &shorts(&[0x21, 0, 0, 0, self.field_count]),
            &self.fields,
            &shorts(&[1, 1, names[0], names[1], 1]),
            &code,
            &[0, 0],
        ]
        .concat()
    }

    fn load(&mut self, value: &str) {
        let [high, low] = self.string(value).to_be_bytes();
        self.code.extend(if high == 0 { vec![0x12, low] } else { vec![0x13, high, low] });
    }

    fn reference(&mut self, instruction: u8, kind: u8, name: &str) {
        let name = [self.text(name), self.text("()V")];
        let typed = self.add(12, &shorts(&name));
        let member = self.add(kind, &shorts(&[0, typed]));
        self.code.push(instruction);
        self.code.extend(member.to_be_bytes());
    }

    fn string(&mut self, value: &str) -> u16 {
        let text = self.text(value);
        self.add(8, &text.to_be_bytes())
    }

    fn text(&mut self, text: &str) -> u16 {
        let length = u16::try_from(text.len()).unwrap();
        self.add(1, &[&length.to_be_bytes(), text.as_bytes()].concat())
    }

    /// The number of a constant, which is added if it is new.
    fn add(&mut self, kind: u8, body: &[u8]) -> u16 {
        let constant = [&[kind], body].concat();
        let at = self.constants.iter().position(|known| *known == constant).unwrap_or_else(|| {
            self.constants.push(constant);
            self.constants.len() - 1
        });
        u16::try_from(at + 1).unwrap()
    }
}

fn shorts(numbers: &[u16]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}
