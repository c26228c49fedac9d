//! The plugin ABI, version 1.1, as far as the wrapper uses it. sdk/ABI.md tells what it means; structs grow at their end.

use std::ffi::{c_char, c_void};

pub type Status = i32;
pub const OK: Status = 0;
pub const INPUT_PENDING: Status = 2;
pub const ERROR_INVALID: Status = -1;
pub const ERROR_UNSUPPORTED: Status = -3;
pub const ERROR_CANCELLED: Status = -6;
pub const ERROR_FAILED: Status = -7;
pub const ERROR_NOT_REPRESENTABLE: Status = -12;

pub const ABI_MAJOR: u16 = 1;
pub const ABI_MINOR: u16 = 1;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Text {
    pub data: *const c_char,
    pub size: u64,
}

impl Text {
    pub const ABSENT: Text = Text { data: std::ptr::null(), size: 0 };

    /// A text of this side for the time of a call into the host.
    pub fn of(text: &str) -> Text {
        Text { data: text.as_ptr() as *const c_char, size: text.len() as u64 }
    }

    /// Texts of the host are UTF-8, or absent.
    ///
    /// # Safety
    /// It is one of the host's, and used no longer than it lives.
    pub unsafe fn as_str<'a>(self) -> &'a str {
        if self.data.is_null() {
            return "";
        }
        std::str::from_utf8(std::slice::from_raw_parts(self.data as *const u8, self.size as usize)).unwrap_or("")
    }
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Value {
    pub document: *const c_void,
    pub index: u64,
}

#[repr(C)]
pub struct Call {
    pub struct_size: u32,
    pub reserved: u32,
    pub api: *const CallApi,
    pub host_data: *mut c_void,
    pub arguments: Value,
    pub meta: Value,
    pub principal: Text,
    pub session: Text,
    pub traceparent: Text,
    pub tracestate: Text,
    pub baggage: Text,
    pub deadline_ms: u64,
}

#[repr(C)]
pub struct CallApi {
    pub struct_size: u32,
    pub reserved: u32,
    pub finish: unsafe extern "C" fn(*mut Call, Text) -> Status,
    pub fail: unsafe extern "C" fn(*mut Call, Status, Text) -> Status,
    pub progress: unsafe extern "C" fn(*mut Call, f64, f64, Text) -> Status,
    pub log: unsafe extern "C" fn(*mut Call, i32, Text, Text) -> Status,
    pub is_cancelled: unsafe extern "C" fn(*const Call) -> bool,
    pub client_has: unsafe extern "C" fn(*const Call, i32) -> bool,
    pub request_input: unsafe extern "C" fn(*mut Call, Text, Text, *mut Value) -> Status,
    pub remember: unsafe extern "C" fn(*mut Call, Text, Text) -> Status,
    pub recall: unsafe extern "C" fn(*mut Call, Text, *mut Text) -> bool,
}

#[repr(C)]
pub struct Host {
    pub struct_size: u32,
    pub abi_major: u16,
    pub abi_minor: u16,
    pub host_data: *mut c_void,
    pub name: Text,
    pub version: Text,
    pub plugin_name: Text,
    pub extension: unsafe extern "C" fn(*const Host, *const c_char) -> *const c_void,
}

#[repr(C)]
pub struct Plugin {
    pub struct_size: u32,
    pub reserved: u32,
    pub plugin_data: *mut c_void,
    pub manifest: Text,
    pub start: Option<unsafe extern "C" fn(*mut Plugin) -> Status>,
    pub stop: Option<unsafe extern "C" fn(*mut Plugin)>,
    pub destroy: unsafe extern "C" fn(*mut Plugin),
    pub extension: unsafe extern "C" fn(*mut Plugin, *const c_char) -> *const c_void,
}

#[repr(C)]
pub struct Entry {
    pub struct_size: u32,
    pub abi_major: u16,
    pub abi_minor: u16,
    pub create: unsafe extern "C" fn(*const Host, *mut *mut Plugin) -> Status,
}

// What it points to is code.
unsafe impl Sync for Entry {}

#[repr(C)]
pub struct Tools {
    pub struct_size: u32,
    pub reserved: u32,
    pub list: unsafe extern "C" fn(*mut Plugin) -> Text,
    pub call: unsafe extern "C" fn(*mut Plugin, u32, *mut Call) -> Status,
}

#[repr(C)]
pub struct ValueApi {
    pub struct_size: u32,
    pub reserved: u32,
    pub kind: unsafe extern "C" fn(Value) -> i32,
    pub size: unsafe extern "C" fn(Value) -> u64,
    pub member: unsafe extern "C" fn(Value, Text) -> Value,
    pub element: unsafe extern "C" fn(Value, u64) -> Value,
    pub next: *const c_void,
    pub boolean: unsafe extern "C" fn(Value) -> bool,
    pub integer: unsafe extern "C" fn(Value) -> i64,
    pub number: unsafe extern "C" fn(Value) -> f64,
    pub text: unsafe extern "C" fn(Value) -> Text,
    pub json: unsafe extern "C" fn(*mut Call, Value) -> Text,
}

#[repr(C)]
pub struct LogApi {
    pub struct_size: u32,
    pub reserved: u32,
    pub log: unsafe extern "C" fn(*const Host, i32, Text),
}

#[repr(C)]
pub struct SettingsApi {
    pub struct_size: u32,
    pub reserved: u32,
    pub get: unsafe extern "C" fn(*const Host, Text) -> Text,
}
