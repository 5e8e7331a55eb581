from rustcell.cli import main

main()
