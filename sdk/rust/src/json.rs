//! The little of JSON that a plugin writes itself: objects for results, and quoting.

/// `text` as a JSON string.
pub fn quoted(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            c if (c as u32) < 0x20 => json.push_str(&format!("\\u{:04x}", c as u32)),
            c => json.push(c),
        }
    }
    json.push('"');
    json
}

/// A JSON object, member by member: `Object::new().integer("words", 2).text("of", "two words")`.
#[derive(Clone, Default)]
pub struct Object {
    members: String,
    fault: Option<String>,
}

impl Object {
    pub fn new() -> Object {
        Object::default()
    }

    pub fn text(self, name: &str, value: &str) -> Object {
        let json = quoted(value);
        self.json(name, &json)
    }

    pub fn integer(self, name: &str, value: i64) -> Object {
        self.json(name, &value.to_string())
    }

    /// NaN and infinities fail the tool, with the member's name: JSON cannot hold them.
    pub fn number(mut self, name: &str, value: f64) -> Object {
        if value.is_finite() {
            return self.json(name, &value.to_string());
        }
        self.fault.get_or_insert(format!("The result's {name} is {value}, which JSON cannot hold."));
        self
    }

    pub fn boolean(self, name: &str, value: bool) -> Object {
        self.json(name, if value { "true" } else { "false" })
    }

    /// A member of finished JSON.
    pub fn json(mut self, name: &str, json: &str) -> Object {
        if !self.members.is_empty() {
            self.members.push(',');
        }
        self.members.push_str(&quoted(name));
        self.members.push(':');
        self.members.push_str(json);
        self
    }

    /// The text, or what JSON cannot hold of it.
    pub fn finish(self) -> Result<String, String> {
        match self.fault {
            Some(fault) => Err(fault),
            None => Ok(format!("{{{}}}", self.members)),
        }
    }
}
