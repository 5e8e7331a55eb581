from rustcell.cli.main import main

main()
