"""What is handed out with the program: data sets, icons and translations, reached through importlib.resources."""
