"""Running an installation: backups, checkpoints, its health, the officers' keys, and looking back.

Called by the commands `backup`, `restore`, `doctor`, `db`, `trail`, `key`, `certificate` and `replay`.
"""
