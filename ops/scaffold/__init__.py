"""`ops channel new`: the files of a new channel, of one's own or a built-in one."""
