"""Repositories to measure on, made from a seed: the same git objects wherever they are made.

In: a folder that does not exist yet. Out: there, by `history`, a bare repository of 6,000 commits, some 190 MB of blob
text in long delta chains, and keys at known places; by `wide`, a work tree of 100,000 files, five of them staged.
The keys are made up when this runs; none stands in this project.
"""

import collections
import itertools
import os
import random
import string
import subprocess
from dataclasses import dataclass

SEED = 20_240_301
COMMITS = 6_000
FILES = 300
# Every so many commits a side branch is merged.
MERGE_EVERY = 50
# So many commits after a file with a key has come it goes again.
GONE_AFTER = 25
AUTHOR = b"Dev <dev@example.com>"
BEGIN = 1_600_000_000
SYLLABLES = ["ba", "co", "de", "fi", "gra", "hu", "in", "ko", "lu", "me", "no", "per", "qui", "re", "sta", "tor", "un", "ve"]
# What anchors stop at, without being keys.
NEAR_KEYS = ["accessKey", "secret", "token", "config", "endpoint"]


@dataclass
class Planted:
    """A made-up key, and how it came into the history."""

    kind: str
    key_id: str
    secret: str


def history(folder):
    """Makes the long history; returns its keys."""
    os.makedirs(folder)
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main")
    stream = History()
    git(folder, "fast-import", "--quiet", "--done", input=b"".join(stream.commits()))
    # One thread, so that the pack is the same, too.
    git(folder, "-c", "pack.threads=1", "repack", "-q", "-adf", "--depth=250", "--window=50")
    return stream.planted


def wide(folder):
    """Makes the work tree of many files."""
    os.makedirs(folder)
    git(folder, "init", "--quiet", "--initial-branch=main")
    text = Text()
    stream = [b"commit refs/heads/main\ncommitter %s %d +0000\ndata 5\nBegin\n" % (AUTHOR, BEGIN)]
    for number in range(100_000):
        path = f"module{number // 500:03}/part{number // 25 % 20:02}/file{number % 25:02}.py"
        stream.append(write(path, [text.line() for _ in range(1 + number % 12)]))
    git(folder, "fast-import", "--quiet", "--done", input=b"".join([*stream, b"done\n"]))
    git(folder, "reset", "--quiet", "--hard")
    staged = [f"module{number:03}/part07/file11.py" for number in (3, 50, 101, 150, 199)]
    for path in staged:
        with open(os.path.join(folder, path), "a", encoding="utf-8") as file:
            file.write(f"\n{text.line()}\n")
    git(folder, "add", *staged)


def keys(count):
    """So many IDs and secrets, none of which stands in these repositories."""
    text = Text()
    return [text.key() for _ in range(count)]


def git(folder, *arguments, **options):
    """Runs git on a repository, whatever is configured on this machine."""
    environment = dict(os.environ, GIT_CONFIG_GLOBAL=os.devnull, GIT_CONFIG_NOSYSTEM="1")
    subprocess.run(["git", "-C", folder, *arguments], check=True, env=environment, **options)


def write(path, lines):
    """The command of `git fast-import` that writes a file, or that deletes it if there are no lines."""
    if lines is None:
        return b"D %s\n" % path.encode()
    content = "\n".join(lines).encode()
    return b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(content), content)


class Text:
    """Words and lines that look like source code, from the seed."""

    def __init__(self):
        self.random = random.Random(SEED)
        self.words = [self.word() for _ in range(3_000)] + NEAR_KEYS * 20

    def word(self):
        return "".join(self.random.choices(SYLLABLES, k=self.random.randint(2, 4)))

    def line(self):
        target, function, *arguments = self.random.choices(self.words, k=self.random.randint(3, 8))
        return f"{'    ' * self.random.randint(0, 3)}{target} = {function}({', '.join(arguments)}, {self.random.randint(0, 9_999)})"

    def key(self):
        """An ID and a secret."""
        return "LTAI5t" + self.characters(18), self.characters(30)

    def characters(self, count):
        """Letters and digits, some of each kind: what looks too regular is no key to most scanners."""
        while True:
            drawn = "".join(self.random.choices(string.ascii_letters + string.digits, k=count))
            if all(sum(c in kind for c in drawn) >= 3 for kind in (string.ascii_lowercase, string.ascii_uppercase, string.digits)):
                return drawn


class History:
    """The commits: edits of some files, merges, and keys that come and go."""

    def __init__(self):
        self.text = Text()
        self.random = self.text.random
        self.paths = [f"src/{self.text.word()}/{self.text.word()}_{number}.py" for number in range(FILES)]
        self.files = {path: [self.text.line() for _ in range(self.random.randint(60, 360))] for path in self.paths}
        # A few files are edited all the time: they make the long chains.
        self.weights = list(itertools.accumulate(1 / (rank + 3) for rank in range(FILES)))
        self.planted = []
        # By the number of a commit, the files that it takes away, or the line that it adds to them.
        self.later = collections.defaultdict(list)
        self.mark = 0

    def commits(self):
        """The stream, piece by piece."""
        yield self.commit("main", "Begin", [], self.paths)
        for number in range(1, COMMITS):
            head = self.mark
            if number % MERGE_EVERY:
                changed = {self.edit() for _ in range(self.random.randint(1, 4))} | self.plant(number) | self.due(number)
                yield self.commit("main", "Change", [head], sorted(changed))
                continue
            side = [self.edit() for _ in range(3)]
            yield self.commit("side", "Work on the side", [head], side)
            yield self.commit("main", "Work on", [head], [path for path in [self.edit()] if path not in side])
            yield self.commit("main", "Merge", [self.mark, self.mark - 1], side + self.plant_in_merge(number))
        yield b"done\n"

    def commit(self, branch, message, parents, paths):
        """A commit that leaves these files as they are now."""
        self.mark += 1
        head = f"commit refs/heads/{branch}\nmark :{self.mark}\ncommitter {AUTHOR.decode()} {BEGIN + 600 * self.mark} +0000\n"
        head += f"data {len(message)}\n{message}\n"
        head += "".join(f"{word} :{parent}\n" for word, parent in zip(("from", "merge"), parents))
        return head.encode() + b"".join(write(path, self.files.get(path)) for path in paths)

    def edit(self):
        """Changes some lines of a file; its path."""
        path = self.random.choices(self.paths, cum_weights=self.weights)[0]
        lines = self.files[path]
        for _ in range(self.random.randint(1, 5)):
            at = self.random.randrange(len(lines))
            lines[at : at + self.random.randint(0, 2)] = [self.text.line() for _ in range(self.random.randint(0, 2))]
        return path

    def plant(self, number):
        """Puts the keys of a commit into files; their paths."""
        if number % 450 == 10:
            return {self.plant_file("in a file that comes and goes", number)}
        if number % 450 == 160:
            path = self.edit()
            middle = len(self.files[path]) // 2
            self.files[path][middle:middle] = self.assignments("amid a file")
            return {path}
        if number % 1_500 == 320:
            # The secret comes later, and further down than the context of any patch reaches.
            path = f"conf/service{number}.env"
            first, second = self.assignments("in two commits")
            self.files[path] = [first, *(f"# {self.text.line()}" for _ in range(12))]
            self.later[number + 5].append((path, second))
            return {path}
        return set()

    def plant_in_merge(self, number):
        """Now and then a key that no parent of the merge has."""
        return [self.plant_file("in a merge", number)] if number % 1_500 == MERGE_EVERY else []

    def plant_file(self, kind, number):
        path = f"conf/service{number}.env"
        self.files[path] = self.assignments(kind)
        self.later[number + GONE_AFTER].append((path, None))
        return path

    def due(self, number):
        """Does what was put off until now; the paths."""
        for path, line in self.later[number]:
            if line:
                self.files[path].append(line)
            else:
                del self.files[path]
        return {path for path, _ in self.later.pop(number)}

    def assignments(self, kind):
        """A new key, spelled as every scanner knows it that has rules for Alibaba Cloud."""
        key_id, secret = self.text.key()
        self.planted.append(Planted(kind, key_id, secret))
        return [f'ALIYUN_ACCESS_KEY_ID="{key_id}"', f'ALIYUN_ACCESS_KEY_SECRET="{secret}"']
