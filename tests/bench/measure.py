"""Runs commands in turn and times them as whole processes.

In: `Side`s, each a command and what is asked of it. Out: for each a `Measured`: wall and processor seconds, and the peak
of private memory where that is asked for.
"""

import os
import signal
import statistics
import threading
import time
from dataclasses import dataclass, field

# What takes longer than this, in seconds, to warm up is then timed only once.
SLOW = 10


@dataclass
class Side:
    """One command, and how akscan's time shall compare with its time."""

    name: str
    command: list
    # akscan may take at most this many times as long. None: for information.
    target: float | None = None
    # Exit codes of runs that did their work.
    good: tuple = (0,)


@dataclass
class Measured:
    """What the runs of one side came to."""

    side: Side
    walls: list = field(default_factory=list)
    # Processor seconds, of what the command has started as well.
    loads: list = field(default_factory=list)
    # Peak of private memory, bytes; 0 where it was not watched.
    private: int = 0
    # Why there is no figure.
    failure: str = ""
    # It was ended because it ran for too long; its time is more than what is noted.
    ended: bool = False

    @property
    def wall(self):
        return statistics.median(self.walls)

    @property
    def load(self):
        return statistics.median(self.loads)


@dataclass
class Plan:
    """How often, and within which bounds, the sides of a row are run."""

    # The folder that they are run in.
    place: str
    runs: int
    # Seconds after which a run is ended.
    limit: float
    # Where stderr goes.
    scratch: str
    memory: bool = False


def in_turn(sides, plan):
    """Runs each side once to warm up, then all of them in turn."""
    measured = [Measured(side) for side in sides]
    for one in measured:
        once(one, plan)
    slow = [one for one in measured if one.walls and one.walls[0] > SLOW]
    for one in measured:
        if not one.ended:
            one.walls.clear()
            one.loads.clear()
    for turn in range(plan.runs):
        for one in measured:
            if not one.failure and not one.ended and (turn == 0 or one not in slow):
                once(one, plan)
    return measured


def once(one, plan, output=os.devnull):
    """Runs a side once, and notes its time, memory or failure."""
    errors = os.path.join(plan.scratch, "stderr")
    write = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    files = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, output, write, 0o600),
        (os.POSIX_SPAWN_OPEN, 2, errors, write, 0o600),
    ]
    command = one.side.command
    os.chdir(plan.place)
    begin = time.perf_counter()
    # A process group of its own, so that what a scanner has started ends with it.
    process = os.posix_spawnp(command[0], command, os.environ, file_actions=files, setpgroup=0)
    limit = threading.Timer(plan.limit, os.killpg, (process, signal.SIGKILL))
    limit.start()
    watch = Watch(process) if plan.memory else None
    try:
        _, status, usage = os.wait4(process, 0)
    except KeyboardInterrupt:
        os.killpg(process, signal.SIGKILL)
        raise
    finally:
        limit.cancel()
    wall = time.perf_counter() - begin
    if watch:
        one.private = max(one.private, watch.end())
    code = os.waitstatus_to_exitcode(status)
    one.ended = code == -signal.SIGKILL and wall >= plan.limit
    with open(errors, encoding="utf-8", errors="replace") as file:
        lines = file.read().strip().splitlines() or ["(nothing on stderr)"]
    # Some scanners call it a success when the git that they read from has died half-way.
    died = [line for line in lines if "fatal:" in line]
    if one.ended or (code in one.side.good and not died):
        one.walls.append(wall)
        one.loads.append(usage.ru_utime + usage.ru_stime)
    else:
        one.failure = f"exit {code}: {(died or lines)[-1][:160]}"


class Watch:
    """The peak of a process's anonymous memory (`RssAnon`: heap and stacks, without mapped files), read every 2 ms."""

    def __init__(self, process):
        self.path = f"/proc/{process}/status"
        self.peak = 0
        self.running = True
        self.thread = threading.Thread(target=self.read)
        self.thread.start()

    def read(self):
        while self.running:
            try:
                with open(self.path, encoding="ascii", errors="replace") as file:
                    for line in file:
                        if line.startswith("RssAnon:"):
                            self.peak = max(self.peak, int(line.split()[1]) * 1024)
            except OSError:
                return
            time.sleep(0.002)

    def end(self):
        self.running = False
        self.thread.join()
        return self.peak
