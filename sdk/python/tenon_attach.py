"""Lends functions of a running Python program as tools to a Tenon server: one file, standard library only.

    import tenon_attach

    notes = []
    lent = tenon_attach.Attachment("notes", title="my notes")

    @lent.tool
    def add_note(text: str, urgent: bool = False) -> str:
        "Adds a note."
        notes.append(text)
        return f"{len(notes)} notes"

    lent.run()        # until it is interrupted; or lent.start(), and lent.poll() in a loop of your own

A tool's name, description and schema are those of its function: its name, its docstring, its type hints (str, int, float,
bool, list, dict, Optional, Literal). It may take `call: tenon_attach.Call` for progress, logging, cancellation and questions. It
returns a text, or anything that JSON can hold. An exception is the tool's error, worded for whoever called it.

Why a server refuses the program, and what else there is to say, goes to the logger "tenon_attach" of `logging`.

Functions run on threads of the library, or, with main_thread=True, inside `poll`. The library is found by $LIBTENON_ATTACH,
else as libtenon-attach.so.1.
"""

import ctypes
import glob
import inspect
import json
import logging
import os
import types
import typing

_LEVELS = ("debug", "info", "notice", "warning", "error", "critical", "alert", "emergency")
_OK, _INPUT_PENDING = 0, 2
_ERROR_FAILED, _ERROR_UNSUPPORTED = -7, -3
_MAIN_THREAD = 1


class _Text(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("size", ctypes.c_uint64)]

    def __str__(self):
        return ctypes.string_at(self.data, self.size).decode("utf-8", "replace") if self.data else ""


class _Value(ctypes.Structure):
    _fields_ = [("document", ctypes.c_void_p), ("index", ctypes.c_uint64)]


class _RawCall(ctypes.Structure):
    pass


_CallPointer = ctypes.POINTER(_RawCall)


def _function(result, *arguments):
    return ctypes.CFUNCTYPE(result, *arguments)


class _CallApi(ctypes.Structure):
    _fields_ = [
        ("struct_size", ctypes.c_uint32), ("reserved", ctypes.c_uint32),
        ("finish", _function(ctypes.c_int32, _CallPointer, _Text)),
        ("fail", _function(ctypes.c_int32, _CallPointer, ctypes.c_int32, _Text)),
        ("progress", _function(ctypes.c_int32, _CallPointer, ctypes.c_double, ctypes.c_double, _Text)),
        ("log", _function(ctypes.c_int32, _CallPointer, ctypes.c_int32, _Text, _Text)),
        ("is_cancelled", _function(ctypes.c_bool, _CallPointer)),
        ("client_has", _function(ctypes.c_bool, _CallPointer, ctypes.c_int32)),
        ("request_input", _function(ctypes.c_int32, _CallPointer, _Text, _Text, ctypes.POINTER(_Value))),
    ]


_RawCall._fields_ = [
    ("struct_size", ctypes.c_uint32), ("reserved", ctypes.c_uint32),
    ("api", ctypes.POINTER(_CallApi)), ("host_data", ctypes.c_void_p),
    ("arguments", _Value), ("meta", _Value),
    ("principal", _Text), ("session", _Text), ("traceparent", _Text), ("tracestate", _Text), ("baggage", _Text),
    ("deadline_ms", ctypes.c_uint64),
]

_ToolFunction = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_uint32, _CallPointer)
_LogFunction = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int32, _Text)


class _Options(ctypes.Structure):
    _fields_ = [
        ("struct_size", ctypes.c_uint32), ("flags", ctypes.c_uint32), ("entry", ctypes.c_void_p),
        ("name", ctypes.c_char_p), ("title", ctypes.c_char_p), ("socket", ctypes.c_char_p),
        ("threads", ctypes.c_uint32), ("reserved", ctypes.c_uint32),
        ("log", _LogFunction), ("user_data", ctypes.c_void_p),
    ]


def _installed():
    """The library that was installed with this file, which lies in share/tenon/python."""
    prefix = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..")
    found = glob.glob(os.path.join(prefix, "lib", "*", "tenon", "libtenon-attach.so.1"))
    found += glob.glob(os.path.join(prefix, "lib", "tenon", "libtenon-attach.so.1"))
    return found[0] if found else None


def _load():
    library = ctypes.CDLL(os.environ.get("LIBTENON_ATTACH") or _installed() or "libtenon-attach.so.1")
    handle = ctypes.c_void_p
    library.tenon_attach_tools.argtypes = [ctypes.POINTER(_Options), ctypes.c_char_p, ctypes.c_char_p, _ToolFunction,
                                           ctypes.POINTER(handle)]
    library.tenon_attach_set_tools.argtypes = [handle, ctypes.c_char_p]
    library.tenon_attach_set_title.argtypes = [handle, ctypes.c_char_p]
    library.tenon_attach_json.argtypes = [_CallPointer, _Value, ctypes.POINTER(_Text)]
    library.tenon_attach_json.restype = None
    library.tenon_attach_poll.argtypes = [handle, ctypes.c_int32]
    library.tenon_attach_wait.argtypes = [handle, ctypes.c_int32]
    library.tenon_attach_descriptor.argtypes = [handle]
    library.tenon_attach_descriptor.restype = ctypes.c_ssize_t
    library.tenon_attach_reason.argtypes = [handle, ctypes.c_char_p, ctypes.c_size_t]
    library.tenon_attach_reason.restype = None
    library.tenon_detach.argtypes = [handle]
    library.tenon_detach.restype = None
    return library


class Unsupported(RuntimeError):
    """The client cannot be asked that. Uncaught, it is told which capability it lacks."""


class _Pending(BaseException):
    """Unwinds a function whose question has no answer yet; it is entered again with it."""


class Call:
    """One call of a tool: what a function may do with it while it runs."""

    def __init__(self, library, raw):
        self._library, self._raw, self._api = library, raw, raw.contents.api.contents

    @property
    def cancelled(self):
        """Whether nobody wants the answer any more. Ask often."""
        return self._api.is_cancelled(self._raw)

    @property
    def principal(self):
        """Who calls; empty without authentication."""
        return str(self._raw.contents.principal)

    def progress(self, done, total=0, message=""):
        text, _keep = _text(message)
        self._api.progress(self._raw, float(done), float(total), text)

    def log(self, level, data, logger=""):
        """Tells the client. `level` is one of the protocol's, "debug" to "emergency"; `data` is anything that JSON can hold."""
        (name, _keep), (text, _keep_too) = _text(logger), _text(json.dumps(data, allow_nan=False))
        self._api.log(self._raw, _LEVELS.index(level), name, text)

    def elicit(self, key, message, schema):
        """Asks the user to fill in a form, a JSON Schema of one flat object. Gives its content, or None if declined."""
        given = self.ask(key, "elicitation/create", {"mode": "form", "message": message, "requestedSchema": schema})
        return given.get("content", {}) if given.get("action") == "accept" else None

    def ask(self, key, method, params=None):
        """Asks the client for anything else, "sampling/createMessage" or "roots/list", and gives its result.

        `key` tells the questions of a call apart. The function is entered again from its beginning when an answer is there."""
        answer = _Value()
        (name, _keep), (asked, _keep_too) = _text(key), _text(json.dumps({"method": method, "params": params or {}}))
        status = self._api.request_input(self._raw, name, asked, ctypes.byref(answer))
        if status == _INPUT_PENDING:
            raise _Pending()
        if status == _ERROR_UNSUPPORTED:
            raise Unsupported(f"the client does not answer {method}")
        if status != _OK:
            raise RuntimeError(f"the client cannot be asked (status {status})")
        return json.loads(self._json(answer), parse_float=_number)

    def _json(self, value):
        text = _Text()
        self._library.tenon_attach_json(self._raw, value, ctypes.byref(text))
        return str(text)


class Attachment:
    """What a program lends. Declare the tools, then `start` or `run`."""

    def __init__(self, name, title=None, version="1.0.0", description=None, socket=None, main_thread=False, log=None):
        self._library = _load()
        self._functions, self._definitions = [], []
        self._handle = ctypes.c_void_p()
        self._main_thread = main_thread
        self._call = _ToolFunction(self._enter)
        self._log = _LogFunction(lambda _, level, message: (log or _log)(level, str(message)))
        self._manifest = {"name": name, "version": version}
        if description:
            self._manifest["description"] = description
        self._options = _Options(struct_size=ctypes.sizeof(_Options), flags=_MAIN_THREAD if main_thread else 0,
                                 name=_encoded(name), title=_encoded(title), socket=_encoded(socket), log=self._log)

    def tool(self, function=None, *, name=None, main_thread=False, read_only=None):
        """Makes a tool of a function; a decorator, with or without arguments."""
        if function is None:
            return lambda decorated: self.tool(decorated, name=name, main_thread=main_thread, read_only=read_only)
        definition = {"name": name or function.__name__, "description": inspect.getdoc(function) or "",
                      "inputSchema": _schema_of(function), "tenon": {"index": len(self._functions)}}
        if main_thread:
            definition["tenon"]["thread"] = "main"
        if read_only is not None:
            definition["annotations"] = {"readOnlyHint": read_only}
        self._functions.append((function, _parameter_of_call(function)))
        self._definitions.append(definition)
        if self._handle:
            self._library.tenon_attach_set_tools(self._handle, json.dumps(self._definitions).encode())
        return function

    def start(self):
        """Begins to connect, and returns at once, whether there is a server or not."""
        status = self._library.tenon_attach_tools(ctypes.byref(self._options), json.dumps(self._manifest).encode(),
                                                  json.dumps(self._definitions).encode(), self._call,
                                                  ctypes.byref(self._handle))
        if status != _OK:
            raise RuntimeError(f"the program cannot lend its tools (status {status})")
        return self

    def wait(self, seconds=10.0):
        """Waits until the program is attached or refused; whether it is attached. For scripts and tests."""
        return self._library.tenon_attach_wait(self._handle, int(seconds * 1000)) == 1

    def poll(self, seconds=0.0):
        """Runs the calls that wait for this thread; gives how many."""
        return self._library.tenon_attach_poll(self._handle, int(seconds * 1000))

    def fileno(self):
        """Readable while calls wait for `poll`: for select and event loops."""
        return self._library.tenon_attach_descriptor(self._handle)

    @property
    def reason(self):
        """Why the program is not attached; empty if it is."""
        text = ctypes.create_string_buffer(512)
        self._library.tenon_attach_reason(self._handle, text, len(text))
        return text.value.decode("utf-8", "replace")

    def set_title(self, title):
        self._library.tenon_attach_set_title(self._handle, _encoded(title))

    def run(self):
        """Starts, and serves until the program is interrupted."""
        self.start()
        try:
            while True:
                self.poll(0.5)
        except KeyboardInterrupt:
            pass
        finally:
            self.stop()

    def stop(self):
        """Leaves the server; waits for the functions that run."""
        handle, self._handle = self._handle, ctypes.c_void_p()
        if handle:
            self._library.tenon_detach(handle)

    def _enter(self, _, index, raw):
        try:
            function, call_name = self._functions[index]
            call = Call(self._library, raw)
            arguments = json.loads(call._json(raw.contents.arguments) or "{}", parse_float=_number)
            if call_name:
                arguments[call_name] = call
            text, _keep = _text(_result(function(**arguments)))
            return raw.contents.api.contents.finish(raw, text)
        except _Pending:
            return _INPUT_PENDING
        except Unsupported:
            return _ERROR_UNSUPPORTED
        except BaseException as error:  # nothing may get into the library
            text, _keep = _text(str(error) or type(error).__name__)
            return raw.contents.api.contents.fail(raw, _ERROR_FAILED, text)


def _log(level, message):
    """Of the protocol's eight levels, "notice" and those above "critical" have no counterpart."""
    levels = (logging.DEBUG, logging.INFO, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL)
    logging.getLogger("tenon_attach").log(levels[min(level, len(levels) - 1)], message)


def _number(digits):
    """A float; never another number in the place of one that it cannot hold."""
    number = float(digits)
    mantissa = digits.lower().partition("e")[0]
    if number in (float("inf"), float("-inf")) or (number == 0 and mantissa.strip("-0.")):
        raise ValueError(f"{digits} is out of range")
    return number


def _encoded(text):
    return None if text is None else str(text).encode()


def _text(text):
    """A text for the time of one call into the library, and what keeps it alive."""
    data = text.encode("utf-8", "replace")
    return _Text(ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p), len(data)), data


def _result(value):
    if isinstance(value, str):
        return json.dumps({"content": [{"type": "text", "text": value}]})
    if value is None:
        return json.dumps({"content": []})
    text = json.dumps(value, allow_nan=False, ensure_ascii=False)  # NaN is an error here, not null
    result = {"content": [{"type": "text", "text": text}]}
    if isinstance(value, dict):
        result["structuredContent"] = value
    return json.dumps(result)


def _parameter_of_call(function):
    hints = typing.get_type_hints(function)
    return next((name for name in inspect.signature(function).parameters if hints.get(name) is Call), None)


def _schema_of(function):
    hints = typing.get_type_hints(function)
    properties, required = {}, []
    for name, parameter in inspect.signature(function).parameters.items():
        hint = hints.get(name, typing.Any)
        if hint is Call:
            continue
        properties[name] = _schema(hint)
        if parameter.default is inspect.Parameter.empty:
            required.append(name)
        elif parameter.default is not None:
            properties[name]["default"] = parameter.default
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        schema["required"] = required
    return schema


def _schema(hint):
    simple = {str: "string", int: "integer", float: "number", bool: "boolean"}
    if hint in simple:
        return {"type": simple[hint]}
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Union or origin is getattr(types, "UnionType", None):
        kinds = [kind for kind in inner if kind is not type(None)]
        return _schema(kinds[0]) if len(kinds) == 1 else {"anyOf": [_schema(kind) for kind in kinds]}
    if origin is typing.Literal:
        return {"enum": list(inner)}
    if hint is list or origin in (list, tuple, set):
        return {"type": "array", "items": _schema(inner[0]) if inner else {}}
    if hint is dict or origin is dict:
        return {"type": "object", "additionalProperties": _schema(inner[1]) if len(inner) == 2 else True}
    return {}
