// Nothing: only here so that the headers that every test includes are compiled once.
