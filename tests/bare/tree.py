"""What the tests here share. They install, make users, databases and files in /etc, so they run only where scripts/bare
starts them: in a tree that is thrown away."""
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
PREFIX = pathlib.Path("/usr/local")
BUILD = ROOT / "build/release"
UNIT = PREFIX / "lib/systemd/system/onceward-relay@.service"
SCRATCH = pathlib.Path("/tmp/installed")
SECONDS_MAX = 600  # of one command

if os.environ.get("ONCEWARD_BARE_TREE") != "yes":
    raise SystemExit("these tests change the machine; run scripts/bare --only install")
SCRATCH.mkdir(exist_ok=True)


def must(*command, **options):
    done = subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=SECONDS_MAX, **options)
    if done.returncode != 0:
        raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def block(heading, language):
    """The first block of that language below a heading of docs/install.md."""
    page = (ROOT / "docs/install.md").read_text()
    below = page.split(f"# {heading}\n", 1)[1]
    return below.split(f"```{language}\n", 1)[1].split("```", 1)[0]
