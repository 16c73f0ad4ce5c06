"""The engine: snapshot, dump, archive, verify, load, prove, swap, undo. It knows no Django."""
