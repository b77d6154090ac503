"""What `cmake --install` of the preset release has put below /usr/local."""
import os
import pathlib
import re
import unittest

from tree import BUILD, PREFIX, ROOT, SCRATCH, UNIT, must


def staged(prefix):
    """The files that an installation into `prefix` makes, by way of DESTDIR."""
    must("cmake", "--install", BUILD, "--prefix", prefix, env={**os.environ, "DESTDIR": str(SCRATCH / "stage")})
    directory = SCRATCH / "stage" / prefix.relative_to("/")
    return {str(path.relative_to(directory)): path for path in directory.rglob("*") if path.is_file()}


class Installed(unittest.TestCase):
    def test_every_file_is_in_a_row_of_the_table_and_every_row_has_files(self):
        table = (ROOT / "docs/install.md").read_text().split("| below the prefix |")[1].split("\n\n")[0]
        places = [place for row in table.splitlines()[2:] for place in re.findall(r"`([^`]+)`", row.split("|")[1])]
        files = staged(PREFIX)

        def matches(place, file):
            return file.startswith(place) if place.endswith("/") else pathlib.PurePath(file).match(place)

        self.assertEqual([f for f in files if not any(matches(place, f) for place in places)], [])
        self.assertEqual([p for p in places if not any(matches(p, f) for f in files)], [])
        self.assertEqual([f for f in files if not (PREFIX / f).is_file()], [])

    def test_another_prefix_gets_the_same_files_and_a_unit_that_names_it(self):
        elsewhere = staged(pathlib.Path("/opt/onceward"))

        self.assertEqual(sorted(elsewhere), sorted(staged(PREFIX)))
        unit = elsewhere["lib/systemd/system/onceward-relay@.service"].read_text()
        self.assertIn("\nExecStart=/opt/onceward/bin/onceward relay ", unit)

    def test_neither_program_nor_libraries_hold_crash_points_or_planted_bugs(self):
        sources = "\n".join(path.read_text() for path in ROOT.glob("*/src/**/*.cpp"))
        names = set(re.findall(r'\b(?:crash_point|planted)\(\s*"([^"]+)"', sources))
        self.assertGreater(len(names), 5)

        for file in [PREFIX / "bin/onceward", *PREFIX.glob("lib/libonceward_*.a")]:
            held = file.read_bytes()
            self.assertEqual([name for name in names if name.encode() + b"\0" in held], [], file)

    def test_the_unit_starts_the_installed_program(self):
        programs = re.findall(r"^Exec\w+=(\S+/onceward) ", UNIT.read_text(), re.M)

        self.assertEqual(programs, [str(PREFIX / "bin/onceward")] * 2)
        self.assertIn("schema version", must(programs[0], "--version"))


if __name__ == "__main__":
    unittest.main()
