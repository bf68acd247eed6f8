"""The script that takes keys out of history, with the real git filter-repo: afterwards akscan finds nothing."""

import base64
import json
import os
import subprocess
import unittest
import zipfile
from pathlib import Path

from world import AKSCAN, World, etl


class Purge(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.leaked = self.world.user("etl", "AliyunOSSReadOnlyAccess")
        self.id, self.secret = self.leaked["AccessKeyId"], self.leaked["AccessKeySecret"]
        self.pair = f"accessKeyId: {self.id}\naccessKeySecret: {self.secret}\n"

    def tearDown(self):
        self.world.close()

    def clone(self):
        clone = self.world.folder / "clone.git"
        subprocess.run(["git", "clone", "--quiet", "--mirror", self.world.repository, clone], check=True)
        return clone

    def purge(self, clone, answer="purge\n"):
        (self.world.folder / "purge.sh").write_text(self.world.plan("purge"))
        env = {**os.environ, "PATH": f"{os.environ['TOOLS']}/bin:{os.environ['PATH']}", "HOME": str(self.world.folder)}
        return subprocess.run(["sh", "purge.sh", clone.name], cwd=self.world.folder, env=env, input=answer, capture_output=True, text=True, check=False)

    def found(self, repository):
        report = self.world.folder / "found.json"
        subprocess.run([AKSCAN, "scan", str(repository), "--output", f"json={report}"], capture_output=True, check=False)
        return json.loads(report.read_text())["findings"]

    def files(self, clone):
        return subprocess.run(["git", "ls-tree", "-r", "--name-only", "HEAD"], cwd=clone, check=True, capture_output=True, text=True).stdout.split()

    def test_nothing_of_a_key_is_left_wherever_it_stood(self):
        world = self.world
        world.commit("keep.txt", "a hash, e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855, stays\n")
        world.commit("conf/app.yaml", self.pair)
        world.commit("conf/app.json", json.dumps({"accessKeyId": self.id, "text": f"a\naccessKeySecret={self.secret}\nb"}))
        # Within a longer run of letters, as one that is escaped twice.
        world.commit("escaped.txt", f'"accessKeyId={self.id}\\naccessKeySecret\\u003d{self.secret}\\n"')
        world.commit(f"names/{self.secret}.txt", self.pair)
        world.commit("encoded.txt", base64.b64encode(self.pair.encode()).decode())
        with zipfile.ZipFile(world.repository / "packed.zip", "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("inner/app.yaml", self.pair)
        world.commit("other.txt", "nothing\n")
        for name in ("encoded.txt", "packed.zip"):
            world.git("rm", "--quiet", name)
        world.git("commit", "--quiet", "--message", f"Rotate {self.id}: accessKeySecret={self.secret}")
        world.git("tag", "--annotate", "--message", self.pair, "v1")
        world.git("branch", "side", "HEAD~2")
        world.scan([etl(self.leaked)])
        script = world.plan("purge")
        self.assertNotIn(self.secret, script)
        self.assertIn("SHA-256", script)
        clone = self.clone()
        self.assertNotEqual(self.found(clone), [])
        before = self.files(clone)
        ran = self.purge(clone)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)
        self.assertNotIn(self.secret, ran.stdout + ran.stderr)
        self.assertEqual(self.found(clone), [])
        self.assertEqual(len(self.files(clone)), len(before))
        shown = subprocess.run(["git", "show", "HEAD:keep.txt"], cwd=clone, check=True, capture_output=True, text=True).stdout
        self.assertIn("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", shown)

    def test_what_is_not_the_key_stays_byte_for_byte(self):
        other = self.world.other
        world = self.world
        world.commit("a.yaml", self.pair + f"otherSecret: {other['AccessKeySecret']}\n" + "x" * 4000)
        world.scan([etl(self.leaked)])
        clone = self.clone()
        self.assertEqual(self.purge(clone).returncode, 0)
        now = subprocess.run(["git", "show", "HEAD:a.yaml"], cwd=clone, check=True, capture_output=True, text=True).stdout
        expected = (world.repository / "a.yaml").read_text().replace(self.id, "*" * len(self.id)).replace(self.secret, "*" * 30)
        self.assertEqual(now, expected)

    def test_a_file_that_is_still_needed_is_not_removed(self):
        self.world.commit("encoded.txt", base64.b64encode(self.pair.encode()).decode())
        self.world.scan([etl(self.leaked)])
        clone = self.clone()
        ran = self.purge(clone)
        self.assertEqual(ran.returncode, 1)
        self.assertIn("encoded.txt still holds the key", ran.stderr)
        self.assertNotEqual(self.found(clone), [])

    def test_nothing_happens_unasked_or_in_a_work_tree(self):
        self.world.commit("a.yaml", self.pair)
        self.world.scan([etl(self.leaked)])
        clone = self.clone()
        for answer in ("", "yes\n"):
            self.assertIn("as you said", self.purge(clone, answer).stderr)
        self.assertNotEqual(self.found(clone), [])
        self.assertIn("no mirror clone", self.purge(self.world.repository).stderr)
        before = self.world.git("rev-parse", "HEAD")
        self.assertEqual(self.world.git("rev-parse", "HEAD"), before)

    def test_shellcheck_finds_nothing(self):
        self.world.commit("a.yaml", self.pair)
        self.world.scan([etl(self.leaked)])
        (self.world.folder / "purge.sh").write_text(self.world.plan("purge"))
        command = [Path(os.environ["TOOLS"]) / "bin/shellcheck", "--shell=sh", self.world.folder / "purge.sh"]
        checked = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(checked.returncode, 0, checked.stdout)
