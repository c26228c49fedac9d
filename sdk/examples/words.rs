//! A plugin in Rust without any crate: `rustc --edition 2021 --crate-type cdylib -O words.rs`.
//!
//! What of the ABI it needs is declared here by hand, from sdk/ABI.md. Two tools: `count_words`, which reads an argument
//! and writes its result with the host's functions, and `reverse_words`, which makes its JSON itself.

use std::ffi::{c_char, c_void, CStr};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicPtr, Ordering};

type Status = i32;
const OK: Status = 0;
const ERROR_UNSUPPORTED: Status = -3;
const ERROR_FAILED: Status = -7;

#[repr(C)]
#[derive(Clone, Copy)]
struct Text {
    data: *const c_char,
    size: u64,
}

impl Text {
    const fn new(text: &'static str) -> Text {
        Text { data: text.as_ptr() as *const c_char, size: text.len() as u64 }
    }

    /// A text of this side for the time of a call into the host.
    fn of(text: &str) -> Text {
        Text { data: text.as_ptr() as *const c_char, size: text.len() as u64 }
    }

    /// Texts of the host are UTF-8, or absent.
    unsafe fn as_str<'a>(self) -> &'a str {
        if self.data.is_null() {
            return "";
        }
        std::str::from_utf8(std::slice::from_raw_parts(self.data as *const u8, self.size as usize)).unwrap_or("")
    }
}

#[repr(C)]
#[derive(Clone, Copy)]
struct Value {
    document: *const c_void,
    index: u64,
}

/// `tenon_call`; later versions append to it.
#[repr(C)]
struct Call {
    struct_size: u32,
    reserved: u32,
    api: *const CallApi,
    host_data: *mut c_void,
    arguments: Value,
    meta: Value,
    principal: Text,
    session: Text,
    traceparent: Text,
    tracestate: Text,
    baggage: Text,
    deadline_ms: u64,
}

/// The first functions of `tenon_call_api`.
#[repr(C)]
struct CallApi {
    struct_size: u32,
    reserved: u32,
    finish: unsafe extern "C" fn(*mut Call, Text) -> Status,
    fail: unsafe extern "C" fn(*mut Call, Status, Text) -> Status,
}

#[repr(C)]
struct Host {
    struct_size: u32,
    abi_major: u16,
    abi_minor: u16,
    host_data: *mut c_void,
    name: Text,
    version: Text,
    plugin_name: Text,
    extension: unsafe extern "C" fn(*const Host, *const c_char) -> *const c_void,
}

#[repr(C)]
struct Plugin {
    struct_size: u32,
    reserved: u32,
    plugin_data: *mut c_void,
    manifest: Text,
    start: Option<unsafe extern "C" fn(*mut Plugin) -> Status>,
    stop: Option<unsafe extern "C" fn(*mut Plugin)>,
    destroy: unsafe extern "C" fn(*mut Plugin),
    extension: unsafe extern "C" fn(*mut Plugin, *const c_char) -> *const c_void,
}

#[repr(C)]
struct Tools {
    struct_size: u32,
    reserved: u32,
    list: unsafe extern "C" fn(*mut Plugin) -> Text,
    call: unsafe extern "C" fn(*mut Plugin, u32, *mut Call) -> Status,
}

/// `tenon.value/1`, as far as it is used: functions in between are pointers that nobody calls.
#[repr(C)]
struct ValueApi {
    struct_size: u32,
    reserved: u32,
    kind: *const c_void,
    size: *const c_void,
    member: unsafe extern "C" fn(Value, Text) -> Value,
    element: *const c_void,
    next: *const c_void,
    boolean: *const c_void,
    integer: *const c_void,
    number: *const c_void,
    text: unsafe extern "C" fn(Value) -> Text,
}

/// `tenon.writer/1`. All functions but `finish` give nothing that must be looked at: `finish` reports what went wrong.
#[repr(C)]
struct WriterApi {
    struct_size: u32,
    reserved: u32,
    begin_object: unsafe extern "C" fn(*mut Call),
    end_object: unsafe extern "C" fn(*mut Call),
    begin_array: unsafe extern "C" fn(*mut Call),
    end_array: unsafe extern "C" fn(*mut Call),
    key: unsafe extern "C" fn(*mut Call, Text),
    text: unsafe extern "C" fn(*mut Call, Text),
    integer: unsafe extern "C" fn(*mut Call, i64),
    number: *const c_void,
    boolean: *const c_void,
    null: *const c_void,
    base64: *const c_void,
    value: *const c_void,
    json: *const c_void,
    reset: *const c_void,
    written: *const c_void,
    finish: unsafe extern "C" fn(*mut Call) -> Status,
}

#[repr(C)]
pub struct Entry {
    struct_size: u32,
    abi_major: u16,
    abi_minor: u16,
    create: unsafe extern "C" fn(*const Host, *mut *mut Plugin) -> Status,
}

/// The one symbol: data, which the host reads before any code of this library runs.
#[no_mangle]
#[allow(non_upper_case_globals)]
pub static tenon_entry: Entry =
    Entry { struct_size: std::mem::size_of::<Entry>() as u32, abi_major: 1, abi_minor: 1, create };

static MANIFEST: &str = r#"{"name":"words","version":"1.0.0","title":"Words, in Rust"}"#;
static TOOLS_JSON: &str = r#"[
  {"name":"count_words","description":"Counts the words of a text.",
   "inputSchema":{"type":"object","properties":{"text":{"type":"string"}},"required":["text"]},
   "outputSchema":{"type":"object","properties":{"words":{"type":"integer"}},"required":["words"]},
   "annotations":{"readOnlyHint":true}},
  {"name":"reverse_words","description":"Puts the words of a text into the reverse order.",
   "inputSchema":{"type":"object","properties":{"text":{"type":"string","minLength":1}},"required":["text"]},
   "annotations":{"readOnlyHint":true}}]"#;
static TOOLS: Tools = Tools { struct_size: std::mem::size_of::<Tools>() as u32, reserved: 0, list, call };

// The host's tables live as long as the plugin.
static VALUE: AtomicPtr<ValueApi> = AtomicPtr::new(std::ptr::null_mut());
static WRITER: AtomicPtr<WriterApi> = AtomicPtr::new(std::ptr::null_mut());

unsafe extern "C" fn create(host: *const Host, plugin: *mut *mut Plugin) -> Status {
    let table = |id: &[u8]| ((*host).extension)(host, id.as_ptr() as *const c_char);
    let (value, writer) = (table(b"tenon.value/1\0"), table(b"tenon.writer/1\0"));
    if value.is_null() || writer.is_null() {
        return ERROR_UNSUPPORTED;
    }
    VALUE.store(value as *mut ValueApi, Ordering::Release);
    WRITER.store(writer as *mut WriterApi, Ordering::Release);
    *plugin = Box::into_raw(Box::new(Plugin {
        struct_size: std::mem::size_of::<Plugin>() as u32,
        reserved: 0,
        plugin_data: std::ptr::null_mut(),
        manifest: Text::new(MANIFEST),
        start: None,
        stop: None,
        destroy,
        extension,
    }));
    OK
}

unsafe extern "C" fn destroy(plugin: *mut Plugin) {
    drop(Box::from_raw(plugin));
}

unsafe extern "C" fn extension(_: *mut Plugin, id: *const c_char) -> *const c_void {
    if CStr::from_ptr(id).to_bytes() == b"tenon.tools/1" {
        return &TOOLS as *const Tools as *const c_void;
    }
    std::ptr::null()
}

unsafe extern "C" fn list(_: *mut Plugin) -> Text {
    Text::new(TOOLS_JSON)
}

/// No panic may cross into the host.
unsafe extern "C" fn call(_: *mut Plugin, index: u32, call: *mut Call) -> Status {
    match catch_unwind(AssertUnwindSafe(|| if index == 0 { count(call) } else { reverse(call) })) {
        Ok(status) => status,
        Err(_) => {
            // The call may have ended before: then this is refused, and harmless.
            ((*(*call).api).fail)(call, ERROR_FAILED, Text::new("the tool panicked"));
            OK
        }
    }
}

unsafe fn text_argument<'a>(call: *mut Call) -> &'a str {
    let value = &*VALUE.load(Ordering::Acquire);
    (value.text)((value.member)((*call).arguments, Text::new("text"))).as_str()
}

unsafe fn count(call: *mut Call) -> Status {
    let words = text_argument(call).split_whitespace().count();
    let said = format!("{words} words");
    let writer = &*WRITER.load(Ordering::Acquire);
    (writer.begin_object)(call);
    (writer.key)(call, Text::new("content"));
    (writer.begin_array)(call);
    (writer.begin_object)(call);
    (writer.key)(call, Text::new("type"));
    (writer.text)(call, Text::new("text"));
    (writer.key)(call, Text::new("text"));
    (writer.text)(call, Text::of(&said));
    (writer.end_object)(call);
    (writer.end_array)(call);
    (writer.key)(call, Text::new("structuredContent"));
    (writer.begin_object)(call);
    (writer.key)(call, Text::new("words"));
    (writer.integer)(call, words as i64);
    (writer.end_object)(call);
    (writer.end_object)(call);
    (writer.finish)(call)
}

unsafe fn reverse(call: *mut Call) -> Status {
    let mut words: Vec<&str> = text_argument(call).split_whitespace().collect();
    words.reverse();
    let result = format!(r#"{{"content":[{{"type":"text","text":{}}}]}}"#, json_string(&words.join(" ")));
    ((*(*call).api).finish)(call, Text::of(&result))
}

fn json_string(text: &str) -> String {
    let mut json = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            c if (c as u32) < 0x20 => json.push_str(&format!("\\u{:04x}", c as u32)),
            c => json.push(c),
        }
    }
    json.push('"');
    json
}

// Raw pointers of constants: nobody writes to what they point to.
unsafe impl Sync for Entry {}
unsafe impl Sync for Tools {}
