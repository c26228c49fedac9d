"""Lends the notes of a running Python program. Run it with libtenon-attach and tenon_attach.py in reach."""

import sys

import tenon_attach

notes = []
lent = tenon_attach.Attachment("notes", title=sys.argv[1] if len(sys.argv) > 1 else None)


@lent.tool
def add_note(text: str, urgent: bool = False) -> str:
    """Adds a note."""
    notes.append(("! " if urgent else "") + text)
    return f"{len(notes)} notes"


@lent.tool(read_only=True)
def list_notes() -> dict:
    """Lists the notes."""
    return {"notes": notes}


lent.run()
