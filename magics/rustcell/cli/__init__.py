"""The command line: it parses, dispatches and shows. No rules live here."""
