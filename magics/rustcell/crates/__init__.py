"""From the text of a cell to the files of a Cargo crate: values in, values out."""
