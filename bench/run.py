"""The command behind scripts/bench."""
import argparse
import pathlib

import relay
import ring

PARTS = {"relay": relay.measure, "ring": ring.measure}


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measures against the machine's own limits.")
    parser.add_argument("part", choices=sorted(PARTS))
    parser.add_argument("--quick", action="store_true", help="a short run, to see that it works")
    parser.add_argument("--json", metavar="FILE", help="also write the figures as a list of {name, value, unit}")
    parser.add_argument("--build", required=True, type=pathlib.Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    PARTS[arguments.part](arguments.build, arguments.quick, arguments.json)


if __name__ == "__main__":
    main()
