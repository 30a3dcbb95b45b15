"""What Lambda calls: one module per kind of function, composed of the packages below."""
