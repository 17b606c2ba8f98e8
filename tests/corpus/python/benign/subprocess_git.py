import subprocess
import sys


def revision() -> str:
    return subprocess.check_output(["git", "rev-parse", "HEAD"], text=True).strip()


def install(package):
    subprocess.check_call([sys.executable, "-m", "pip", "install", package])


def gpu():
    result = subprocess.run("nvidia-smi --query-gpu=name --format=csv", shell=True, capture_output=True, check=False)
    return result.stdout.decode()
