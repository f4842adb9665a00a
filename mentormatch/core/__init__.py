"""What every other room may use: configuration, errors, time, words in two languages, and who may do what."""
