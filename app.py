from tco.app.main import main

main()
