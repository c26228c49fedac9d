//! Plugins for Tenon in Rust, without any other crate.
//!
//! ```ignore
//! use tenon_plugin::{Plugin, Reply};
//!
//! tenon_plugin::export!("hello", "1.0.0", |plugin: &mut Plugin| {
//!     plugin
//!         .tool("greet", "Greets somebody by name")
//!         .text("name", "Whom to greet")
//!         .integer_or("times", "How often", 1)
//!         .read_only()
//!         .run(|call| Ok(Reply::text("Hello! ".repeat(call.integer("times") as usize) + call.text("name"))));
//! });
//! ```
//!
//! Build it as a `cdylib`. A tool runs on many threads at once; a panic is its error and nothing more.

use std::ffi::{c_char, c_void, CStr};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr;

pub mod abi;
pub mod json;

pub use json::Object;

/// Why a tool gives no reply.
#[derive(Debug)]
pub enum Error {
    /// A failure, worded for a model that is to correct itself.
    Failed(String),
    /// The result has a number that JSON cannot hold, in words; no other value takes its place.
    NotRepresentable(String),
    /// A question of `Call::elicit` has no answer yet: hand it on with `?`, the tool is entered again.
    Pending,
    /// The client cannot be asked; handed on, it learns which capability it lacks.
    Unsupported,
    /// Nobody wants the answer any more.
    Cancelled,
}

impl<E: std::error::Error> From<E> for Error {
    fn from(error: E) -> Error {
        Error::Failed(error.to_string())
    }
}

impl Error {
    pub fn new(message: impl Into<String>) -> Error {
        Error::Failed(message.into())
    }
}

/// What a tool gives.
#[derive(Default)]
pub struct Reply {
    texts: Vec<String>,
    structured: Option<Object>,
}

impl Reply {
    pub fn text(text: impl Into<String>) -> Reply {
        Reply { texts: vec![text.into()], structured: None }
    }

    /// Structured content, and the same as text for clients that know none.
    pub fn structured(object: Object) -> Reply {
        Reply { texts: Vec::new(), structured: Some(object) }
    }

    /// Another text beside what is there.
    pub fn and_text(mut self, text: impl Into<String>) -> Reply {
        self.texts.push(text.into());
        self
    }

    fn finish(mut self) -> Result<String, Error> {
        let structured = match self.structured.take() {
            Some(object) => Some(object.finish().map_err(Error::NotRepresentable)?),
            None => None,
        };
        if let (true, Some(json)) = (self.texts.is_empty(), &structured) {
            self.texts.push(json.clone());
        }
        let blocks: Vec<String> =
            self.texts.iter().map(|text| format!(r#"{{"type":"text","text":{}}}"#, json::quoted(text))).collect();
        let more = structured.map(|json| format!(r#","structuredContent":{json}"#)).unwrap_or_default();
        Ok(format!(r#"{{"content":[{}]{more}}}"#, blocks.join(",")))
    }
}

/// One call of a tool, while its function runs.
pub struct Call<'a> {
    raw: *mut abi::Call,
    plugin: &'a Plugin,
    tool: &'a Tool,
}

impl Call<'_> {
    fn api(&self) -> &abi::CallApi {
        unsafe { &*(*self.raw).api }
    }

    fn argument(&self, name: &str) -> abi::Value {
        unsafe { (self.plugin.values().member)((*self.raw).arguments, abi::Text::of(name)) }
    }

    /// Whether the client gave the argument.
    pub fn has(&self, name: &str) -> bool {
        unsafe { (self.plugin.values().kind)(self.argument(name)) > 1 }
    }

    /// The argument, checked against its declaration before the tool was entered; neutral if it is not there.
    pub fn text(&self, name: &str) -> &str {
        unsafe { (self.plugin.values().text)(self.argument(name)).as_str() }
    }

    pub fn integer(&self, name: &str) -> i64 {
        match self.has(name) {
            true => unsafe { (self.plugin.values().integer)(self.argument(name)) },
            false => self.default_of(name).and_then(|json| json.parse().ok()).unwrap_or(0),
        }
    }

    pub fn number(&self, name: &str) -> f64 {
        match self.has(name) {
            true => unsafe { (self.plugin.values().number)(self.argument(name)) },
            false => self.default_of(name).and_then(|json| json.parse().ok()).unwrap_or(0.0),
        }
    }

    pub fn boolean(&self, name: &str) -> bool {
        match self.has(name) {
            true => unsafe { (self.plugin.values().boolean)(self.argument(name)) },
            false => self.default_of(name) == Some("true"),
        }
    }

    /// What is wrong with a number that an f64 does not hold: it would be read as another one.
    fn unfit(&self) -> Option<String> {
        self.tool.parameters.iter().filter(|one| one.real && self.has(&one.name)).find_map(|one| {
            let text = unsafe { (self.plugin.values().json)(self.raw, self.argument(&one.name)).as_str() };
            let mantissa = text.split(|c| c == 'e' || c == 'E').next().unwrap_or(text);
            let zero = !mantissa.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
            let number = self.number(&one.name);
            let fits = number.is_finite() && (number != 0.0 || zero);
            (!fits).then(|| format!("{}: {} is out of range", one.name, text))
        })
    }

    fn default_of(&self, name: &str) -> Option<&str> {
        self.tool.parameters.iter().find(|one| one.name == name).and_then(|one| one.default.as_deref())
    }

    /// All arguments as JSON text, for a JSON library of yours.
    pub fn arguments(&self) -> &str {
        unsafe { (self.plugin.values().json)(self.raw, (*self.raw).arguments).as_str() }
    }

    /// Who calls; empty without authentication.
    pub fn principal(&self) -> &str {
        unsafe { (*self.raw).principal.as_str() }
    }

    /// Ask often; `?` ends the tool.
    pub fn check_cancelled(&self) -> Result<(), Error> {
        match unsafe { (self.api().is_cancelled)(self.raw) } {
            true => Err(Error::Cancelled),
            false => Ok(()),
        }
    }

    /// `total` 0: unknown.
    pub fn progress(&self, done: f64, total: f64, message: &str) {
        unsafe { (self.api().progress)(self.raw, done, total, abi::Text::of(message)) };
    }

    /// Asks the user to fill in a form: `schema` is a JSON Schema of one flat object. Gives the client's answer as JSON,
    /// `{"action": "accept", "content": {…}}` or another action. `key` names the question within the call.
    pub fn elicit(&self, key: &str, message: &str, schema: &str) -> Result<Answer<'_>, Error> {
        let request = format!(
            r#"{{"method":"elicitation/create","params":{{"mode":"form","message":{},"requestedSchema":{schema}}}}}"#,
            json::quoted(message)
        );
        let mut value = abi::Value { document: ptr::null(), index: 0 };
        let status = unsafe {
            (self.api().request_input)(self.raw, abi::Text::of(key), abi::Text::of(&request), &mut value)
        };
        match status {
            abi::OK => Ok(Answer { call: self, value }),
            abi::INPUT_PENDING => Err(Error::Pending),
            abi::ERROR_UNSUPPORTED => Err(Error::Unsupported),
            abi::ERROR_CANCELLED => Err(Error::Cancelled),
            _ => Err(Error::new("The user could not be asked.")),
        }
    }
}

/// What the user answered.
pub struct Answer<'a> {
    call: &'a Call<'a>,
    value: abi::Value,
}

impl Answer<'_> {
    fn member(&self, of: abi::Value, name: &str) -> abi::Value {
        unsafe { (self.call.plugin.values().member)(of, abi::Text::of(name)) }
    }

    pub fn accepted(&self) -> bool {
        unsafe { (self.call.plugin.values().text)(self.member(self.value, "action")).as_str() == "accept" }
    }

    /// A text that the user filled in.
    pub fn text(&self, name: &str) -> &str {
        let content = self.member(self.value, "content");
        unsafe { (self.call.plugin.values().text)(self.member(content, name)).as_str() }
    }
}

type Function = Box<dyn Fn(&Call) -> Result<Reply, Error> + Send + Sync>;

struct Parameter {
    name: String,
    schema: String,
    default: Option<String>,
    required: bool,
    real: bool,
}

struct Tool {
    definition: String,
    parameters: Vec<Parameter>,
    function: Function,
}

/// What a plugin offers.
pub struct Plugin {
    tools: Vec<Tool>,
    host: *const abi::Host,
    values: *const abi::ValueApi,
}

// The host's tables are constant and may be used on any thread.
unsafe impl Send for Plugin {}
unsafe impl Sync for Plugin {}

impl Plugin {
    fn values(&self) -> &abi::ValueApi {
        unsafe { &*self.values }
    }

    /// Declares a tool; ends with `run`.
    pub fn tool(&mut self, name: &str, description: &str) -> ToolBuilder<'_> {
        ToolBuilder {
            plugin: self,
            name: name.to_owned(),
            description: description.to_owned(),
            parameters: Vec::new(),
            hints: Object::new(),
            hinted: false,
        }
    }

    /// The setting `plugin.<name>.<key>` of the server; nothing if it is not set.
    pub fn setting(&self, key: &str) -> Option<&str> {
        unsafe {
            let api = extension::<abi::SettingsApi>(self.host, "tenon.settings/1\0")?;
            let text = (api.get)(self.host, abi::Text::of(key));
            (!text.data.is_null()).then(|| text.as_str())
        }
    }

    /// A line in the server's log; `level` is that of syslog upside down, 1 is information, 3 a warning.
    pub fn log(&self, level: i32, message: &str) {
        unsafe {
            if let Some(api) = extension::<abi::LogApi>(self.host, "tenon.log/1\0") {
                (api.log)(self.host, level, abi::Text::of(message));
            }
        }
    }
}

/// `id` ends with a zero.
unsafe fn extension<'a, T>(host: *const abi::Host, id: &str) -> Option<&'a T> {
    (((*host).extension)(host, id.as_ptr() as *const c_char) as *const T).as_ref()
}

/// A tool that is being declared: its parameters, in any order, and what runs.
pub struct ToolBuilder<'a> {
    plugin: &'a mut Plugin,
    name: String,
    description: String,
    parameters: Vec<Parameter>,
    hints: Object,
    hinted: bool,
}

impl ToolBuilder<'_> {
    fn parameter(mut self, name: &str, kind: &str, description: &str, default: Option<String>, required: bool) -> Self {
        let mut schema = Object::new().text("type", kind).text("description", description);
        if kind == "integer" {
            // To JSON Schema 1e400 is an integer, too; `Call::integer` gives no other than these.
            schema = schema.integer("minimum", i64::MIN).integer("maximum", i64::MAX);
        }
        if let Some(json) = &default {
            schema = schema.json("default", json);
        }
        let schema = schema.finish().unwrap_or_default();
        self.parameters.push(Parameter { name: name.to_owned(), schema, default, required, real: kind == "number" });
        self
    }

    pub fn text(self, name: &str, description: &str) -> Self {
        self.parameter(name, "string", description, None, true)
    }

    pub fn integer(self, name: &str, description: &str) -> Self {
        self.parameter(name, "integer", description, None, true)
    }

    pub fn number(self, name: &str, description: &str) -> Self {
        self.parameter(name, "number", description, None, true)
    }

    pub fn boolean(self, name: &str, description: &str) -> Self {
        self.parameter(name, "boolean", description, None, true)
    }

    /// One that may be left out; then `has` says so, and a text is empty.
    pub fn optional_text(self, name: &str, description: &str) -> Self {
        self.parameter(name, "string", description, None, false)
    }

    pub fn integer_or(self, name: &str, description: &str, default: i64) -> Self {
        self.parameter(name, "integer", description, Some(default.to_string()), false)
    }

    pub fn number_or(self, name: &str, description: &str, default: f64) -> Self {
        self.parameter(name, "number", description, Some(default.to_string()), false)
    }

    pub fn boolean_or(self, name: &str, description: &str, default: bool) -> Self {
        self.parameter(name, "boolean", description, Some(default.to_string()), false)
    }

    /// Changes nothing.
    pub fn read_only(mut self) -> Self {
        self.hints = self.hints.boolean("readOnlyHint", true);
        self.hinted = true;
        self
    }

    /// What runs when the tool is called.
    pub fn run(self, function: impl Fn(&Call) -> Result<Reply, Error> + Send + Sync + 'static) {
        let members: Vec<String> =
            self.parameters.iter().map(|one| format!("{}:{}", json::quoted(&one.name), one.schema)).collect();
        let required: Vec<String> =
            self.parameters.iter().filter(|one| one.required).map(|one| json::quoted(&one.name)).collect();
        let schema = format!(
            r#"{{"type":"object","properties":{{{}}},"required":[{}],"additionalProperties":false}}"#,
            members.join(","),
            required.join(",")
        );
        let mut definition =
            Object::new().text("name", &self.name).text("description", &self.description).json("inputSchema", &schema);
        if self.hinted {
            definition = definition.json("annotations", &self.hints.finish().unwrap_or_default());
        }
        self.plugin.tools.push(Tool {
            definition: definition.finish().unwrap_or_default(),
            parameters: self.parameters,
            function: Box::new(function),
        });
    }
}

/// What the host holds of a plugin: the ABI's struct first.
struct Instance {
    raw: abi::Plugin,
    plugin: Plugin,
    _manifest: String,
    list: String,
}

static TOOLS: abi::Tools =
    abi::Tools { struct_size: std::mem::size_of::<abi::Tools>() as u32, reserved: 0, list, call };

unsafe fn instance<'a>(raw: *mut abi::Plugin) -> &'a Instance {
    &*((*raw).plugin_data as *const Instance)
}

unsafe extern "C" fn list(raw: *mut abi::Plugin) -> abi::Text {
    abi::Text::of(&instance(raw).list)
}

unsafe extern "C" fn find(_: *mut abi::Plugin, id: *const c_char) -> *const c_void {
    match CStr::from_ptr(id).to_bytes() {
        b"tenon.tools/1" => &TOOLS as *const abi::Tools as *const c_void,
        _ => ptr::null(),
    }
}

unsafe extern "C" fn destroy(raw: *mut abi::Plugin) {
    drop(Box::from_raw((*raw).plugin_data as *mut Instance));
}

/// No panic may cross into the host.
unsafe extern "C" fn call(raw: *mut abi::Plugin, index: u32, call: *mut abi::Call) -> abi::Status {
    let plugin = &instance(raw).plugin;
    let tool = match plugin.tools.get(index as usize) {
        Some(tool) => tool,
        None => return abi::ERROR_INVALID,
    };
    let made = catch_unwind(AssertUnwindSafe(|| {
        let call = Call { raw: call, plugin, tool };
        match call.unfit() {
            Some(fault) => Err(Error::Failed(fault)),
            None => (tool.function)(&call).and_then(Reply::finish),
        }
    }));
    let api = &*(*call).api;
    // What ends the call here may find that it has ended already, cancelled or past its deadline: no failure.
    match made {
        Ok(Ok(json)) => match (api.finish)(call, abi::Text::of(&json)) {
            abi::ERROR_INVALID => {
                (api.fail)(call, abi::ERROR_FAILED, abi::Text::of("The tool's result is no well-formed JSON."))
            }
            other => other,
        },
        Ok(Err(Error::NotRepresentable(message))) => {
            (api.fail)(call, abi::ERROR_NOT_REPRESENTABLE, abi::Text::of(&message))
        }
        Ok(Err(Error::Failed(message))) => (api.fail)(call, abi::ERROR_FAILED, abi::Text::of(&message)),
        Ok(Err(Error::Pending)) => return abi::INPUT_PENDING,
        Ok(Err(Error::Unsupported)) => return abi::ERROR_UNSUPPORTED,
        Ok(Err(Error::Cancelled)) => return abi::ERROR_CANCELLED,
        Err(_) => (api.fail)(call, abi::ERROR_FAILED, abi::Text::of("The tool panicked.")),
    };
    abi::OK
}

/// What `export!` puts behind the library's entry.
///
/// # Safety
/// Called by the host, with pointers of its own.
pub unsafe fn create(
    host: *const abi::Host,
    made: *mut *mut abi::Plugin,
    name: &str,
    version: &str,
    body: fn(&mut Plugin),
) -> abi::Status {
    *made = ptr::null_mut();
    let values = match extension::<abi::ValueApi>(host, "tenon.value/1\0") {
        Some(values) => values,
        None => return abi::ERROR_UNSUPPORTED,
    };
    let mut plugin = Plugin { tools: Vec::new(), host, values };
    if catch_unwind(AssertUnwindSafe(|| body(&mut plugin))).is_err() {
        plugin.log(4, "it panicked while it declared what it offers");
        return abi::ERROR_FAILED;
    }
    let manifest = Object::new().text("name", name).text("version", version).finish().unwrap_or_default();
    let definitions: Vec<&str> = plugin.tools.iter().map(|tool| tool.definition.as_str()).collect();
    let list = format!("[{}]", definitions.join(","));
    let raw = abi::Plugin {
        struct_size: std::mem::size_of::<abi::Plugin>() as u32,
        reserved: 0,
        plugin_data: ptr::null_mut(),
        manifest: abi::Text::of(&manifest),
        start: None,
        stop: None,
        destroy,
        extension: find,
    };
    let instance = Box::into_raw(Box::new(Instance { raw, plugin, _manifest: manifest, list }));
    (*instance).raw.plugin_data = instance as *mut c_void;
    *made = &mut (*instance).raw;
    abi::OK
}

/// Exports the plugin: its name, its version, and a function that declares what it offers.
#[macro_export]
macro_rules! export {
    ($name:expr, $version:expr, $body:expr) => {
        unsafe extern "C" fn tenon_create(
            host: *const $crate::abi::Host,
            made: *mut *mut $crate::abi::Plugin,
        ) -> $crate::abi::Status {
            $crate::create(host, made, $name, $version, $body)
        }

        #[no_mangle]
        #[allow(non_upper_case_globals)]
        pub static tenon_entry: $crate::abi::Entry = $crate::abi::Entry {
            struct_size: std::mem::size_of::<$crate::abi::Entry>() as u32,
            abi_major: $crate::abi::ABI_MAJOR,
            abi_minor: $crate::abi::ABI_MINOR,
            create: tenon_create,
        };
    };
}
