"""The IPython edge: the magics parse, call and show. No rules live here."""
