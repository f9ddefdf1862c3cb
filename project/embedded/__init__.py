"""The PostgreSQL and the Redis (Valkey) that Flint brings along, as children in the foreground.

They listen on unix sockets only. The caller starts, watches and stops them; a service
that was killed starts again on the same data.
"""
