"""One turn, from the inbox to the platform: the runner, its journal, parts and retries. Pure."""
