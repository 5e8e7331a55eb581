"""What a notebook and its front end see and ask: output, progress, help, completion, colours."""
