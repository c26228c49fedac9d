"""Lends a running gdb: gdb -x tenon_gdb.py ./program core

Its tools are the debugger at hand, with whatever program and core file it has. Everything runs on gdb's own thread
(gdb.post_event); a program that runs can be waited for, and stopped when the call is cancelled.
"""

import os
import sys
import threading

import gdb

sys.path.insert(0, os.environ.get("LIBTENON_ATTACH_PYTHON", os.path.join(os.path.dirname(__file__), "..", "..", "python")))
import tenon_attach  # noqa: E402

gdb.execute("set pagination off")
gdb.execute("set confirm off")
gdb.execute("set mi-async on")


def title():
    program = gdb.current_progspace().filename
    return f"{os.path.basename(program)} in gdb {os.getpid()}" if program else f"gdb {os.getpid()}"


lent = tenon_attach.Attachment("gdb", title=title(), description="A debugger at work")
stopped = threading.Event()
gdb.events.stop.connect(lambda event: stopped.set())
gdb.events.exited.connect(lambda event: stopped.set())


def on_gdb(work):
    """Runs work on gdb's thread and gives what it gives."""
    done, outcome = threading.Event(), []

    def run():
        try:
            outcome.append((work(), None))
        except BaseException as error:
            outcome.append((None, error))
        done.set()

    gdb.post_event(run)
    done.wait()
    value, error = outcome[0]
    if error:
        raise RuntimeError(str(error))
    return value


def frame_of(level):
    frame = gdb.newest_frame()
    for _ in range(level):
        frame = frame.older()
        if frame is None:
            raise RuntimeError(f"there is no frame {level}")
    return frame


def described(frame, level):
    place = frame.find_sal()
    return {"level": level, "function": frame.name() or "??", "address": hex(frame.pc()),
            "file": place.symtab.filename if place.symtab else "", "line": place.line}


@lent.tool(read_only=True)
def backtrace(limit: int = 50) -> dict:
    """The frames of the current thread, the innermost first."""
    def work():
        frames, frame = [], gdb.newest_frame()
        while frame is not None and len(frames) < limit:
            frames.append(described(frame, len(frames)))
            frame = frame.older()
        return {"frames": frames}
    return on_gdb(work)


@lent.tool(read_only=True)
def threads() -> dict:
    """The threads of the program."""
    return on_gdb(lambda: {"threads": [{"number": thread.num, "name": thread.name or "", "stopped": thread.is_stopped()}
                                       for thread in gdb.selected_inferior().threads()]})


@lent.tool
def select_thread(number: int) -> str:
    """Makes a thread the current one."""
    return on_gdb(lambda: gdb.execute(f"thread {number}", to_string=True))


@lent.tool(read_only=True)
def frame_locals(level: int = 0) -> dict:
    """The local variables and arguments of a frame, as gdb prints them."""
    def work():
        values, block, frame = {}, None, frame_of(level)
        try:
            block = frame.block()
        except RuntimeError:
            raise RuntimeError("there is no debug information for this frame")
        while block is not None and not block.is_global and not block.is_static:
            for symbol in block:
                if symbol.is_variable or symbol.is_argument:
                    values.setdefault(symbol.name, str(symbol.value(frame)))
            block = block.superblock
        return {"locals": values}
    return on_gdb(work)


@lent.tool
def evaluate(expression: str, level: int = 0) -> str:
    """Evaluates an expression of the program's language in a frame."""
    def work():
        frame_of(level).select()
        return str(gdb.parse_and_eval(expression))
    return on_gdb(work)


@lent.tool
def set_breakpoint(location: str, condition: str = "") -> str:
    """Sets a breakpoint: a function, or FILE:LINE."""
    def work():
        made = gdb.Breakpoint(location)
        if condition:
            made.condition = condition
        return f"breakpoint {made.number} at {location}"
    return on_gdb(work)


@lent.tool
def delete_breakpoint(number: int) -> str:
    """Deletes a breakpoint."""
    return on_gdb(lambda: gdb.execute(f"delete {number}", to_string=True)) or f"breakpoint {number} is gone"


def go(command, call):
    """Lets the program run until it stops; stops it if nobody waits for that any more."""
    stopped.clear()
    on_gdb(lambda: gdb.execute(command + "&", to_string=True))
    seconds = 0.0
    while not stopped.wait(0.2):
        seconds += 0.2
        call.progress(seconds, 0, "the program runs")
        if call.cancelled:
            on_gdb(lambda: gdb.execute("interrupt", to_string=True))
            stopped.wait(5)
            return "stopped"

    def where():
        try:
            return described(gdb.newest_frame(), 0)
        except gdb.error:
            return {"function": "", "line": 0, "file": "", "ended": True}
    return on_gdb(where)


@lent.tool
def run_program(call: tenon_attach.Call) -> dict:
    """Starts the program, until a breakpoint, a signal, or its end."""
    return go("run", call)


@lent.tool
def continue_program(call: tenon_attach.Call) -> dict:
    """Lets the program go on, until a breakpoint, a signal, or its end."""
    return go("continue", call)


@lent.tool
def step(call: tenon_attach.Call, into: bool = False) -> dict:
    """Runs one line; into=true also into functions that it calls."""
    return go("step" if into else "next", call)


lent.start()
gdb.events.new_objfile.connect(lambda event: lent.set_title(title()))
