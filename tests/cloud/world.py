"""A leak to close: a repository with a made-up key, the account it belongs to, and whoever follows the plan.

In: what is wrong. Out: the account after the plan was carried out.
"""

import json
import os
import re
import select
import subprocess
import sys
import tempfile
from pathlib import Path

import aliyun
from account import ACCOUNT_ID, now
from simulator import Simulator

HERE = Path(__file__).resolve().parent
AKSCAN = os.environ["AKSCAN"]
AUTHOR = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in (("NAME", "Dev"), ("EMAIL", "dev@example.com"))}

# The end of a question that a script asks, and what to answer.
QUESTIONS = {
    "administrator": (r"Is that an administrator of the account that owns the keys, or some of them\? \[y/n\] $", "y"),
    "run": (r"\[y\] run it  \[a\] already done or not needed  \[q\] stop: $", "y"),
    "give": (r"\[y\] give [A-Z_ ]+  \[a\] already done or not needed  \[q\] stop: $", "y"),
    "seen": (r"Have you seen all of it\? \[d\] all of it  \[q\] stop: $", "d"),
    "done": (r"\[d\] [a-z ]+  \[q\] stop: $", "d"),
    "yours": (r"Is the key yours\? \[yes/no\] $", "yes"),
    "works": (r"Does the key work\? \[yes/no\] $", "yes"),
    "account": (r"Is this key of account [0-9]+, which signs\? \[yes/no\] $", "yes"),
    "primary": (r"Is it the primary account's own key \(root-account\)\? \[yes/no\] $", "no"),
    "other": (r"Does anything use the other key\? \[yes/no\] $", "no"),
    "gone": (r"Is it gone\? \[yes/no\] $", "yes"),
    "used": (r"Does anything use LTAI[0-9A-Za-z]+\? \[yes/no\] $", "no"),
    "late": (r"Does it still work, and is its own end too late\? \[yes/no\] $", "yes"),
    "another": (r"Another one\? \[y/n\] $", "n"),
    "more": (r"There is more\. Go on\? \[y/n\] $", "y"),
    "SERVICE_NAME": (r"^ {6}SERVICE_NAME, .*: $", "Oss"),
    "LOG_REGION": (r"^ {6}LOG_REGION, .*: $", "cn-hangzhou"),
    "START_TIME": (r"^ {6}START_TIME, .*: $", "2026-03-01T00:00:00Z"),
    "END_TIME": (r"^ {6}END_TIME, .*: $", "2026-03-31T00:00:00Z"),
}


class Ran:
    """What a script did: its exit code, and all that it said."""

    def __init__(self, code, said):
        self.code, self.said = code, said


class World:
    """An account with an administrator and a RAM user `etl`, and an empty repository."""

    def __init__(self):
        self.simulator = Simulator()
        self.account = self.simulator.account
        self.folder = Path(tempfile.mkdtemp())
        self.repository = self.folder / "repository"
        self.repository.mkdir()
        self.git("init", "--quiet", "--initial-branch", "main")
        self.administrator = self.user("admin", "AdministratorAccess")
        self.signer = self.administrator
        self.other = self.user("report", "AliyunLogReadOnlyAccess")
        self.command = self.folder / "bin"
        self.command.mkdir()
        self.write_command()

    def user(self, name, policy, account=None):
        """A RAM user with a policy and a key."""
        account = account or self.account
        account.add_user(name)
        account.users[name]["policies"].append({"PolicyType": "System", "PolicyName": policy})
        return account.add_key(name)

    def write_command(self):
        """The `aliyun` of the scripts: the real one if there is one, pointed at the simulator. It writes down its words."""
        real = os.environ.get("ALIYUN")
        self.socket = None if real else aliyun.serve(str(self.folder / "aliyun.socket"))
        line = f'exec "{real}" "$@" --endpoint "$SIMULATOR" --insecure' if real else f'exec "{sys.executable}" -IS "{HERE / "aliyun.py"}" "$@"'
        (self.command / "aliyun").write_text(f"#!/bin/sh\necho \"$*\" >>\"$HOME/called\"\n{line}\n")
        (self.command / "aliyun").chmod(0o755)

    # The leak.

    def git(self, *words):
        env = {**os.environ, **AUTHOR, "HOME": str(self.folder)}
        return subprocess.run(["git", *words], cwd=self.repository, env=env, check=True, capture_output=True, text=True).stdout

    def commit(self, name, text):
        path = self.repository / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", f"Change {name}")

    def push(self):
        remote = self.folder / "remote.git"
        subprocess.run(["git", "init", "--quiet", "--bare", str(remote)], check=True)
        self.git("remote", "add", "origin", str(remote))
        self.git("push", "--quiet", "origin", "main")
        self.git("fetch", "--quiet")

    def leak(self, key, pushed):
        """A commit that holds `key`."""
        self.commit("conf/app.yaml", pair(key))
        if pushed:
            self.push()

    # The plan.

    def scan(self, records, *options, command="scan"):
        """The report of a scan, or of another command, with these records in the inventory."""
        inventory = self.folder / "keys.json"
        inventory.write_text(json.dumps({"accounts": [{"account_id": ACCOUNT_ID, "complete": True, "as_of": now()}], "keys": records}))
        report = self.folder / "report.json"
        words = [AKSCAN, command, "--inventory", str(inventory), "--output", f"json={report}", *options]
        subprocess.run(words, cwd=self.repository, capture_output=True, check=False)
        return json.loads(report.read_text())

    def plan(self, form):
        ran = subprocess.run([AKSCAN, "plan", str(self.folder / "report.json"), "--format", form], capture_output=True, text=True, check=True)
        assert not ran.stderr, ran.stderr
        return ran.stdout

    def write_script(self):
        (self.folder / "close.sh").write_text(self.plan("shell"))

    @property
    def environment(self):
        """What the commands see: who signs, and where the simulator is."""
        return {
            "PATH": f"{self.command}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "SIMULATOR": self.simulator.address,
            "ALIYUN_SOCKET": str(self.folder / "aliyun.socket"),
            "ALIBABA_CLOUD_ACCESS_KEY_ID": self.signer["AccessKeyId"],
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": self.signer["AccessKeySecret"],
            "ALIBABA_CLOUD_REGION_ID": "cn-hangzhou",
        }

    def run(self, shell="sh", **answers):
        """Carries the script out. `answers` are to questions, or to variables by name; a list answers one time after another."""
        process = subprocess.Popen(
            [shell, "close.sh"], cwd=self.folder, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        said = b""
        asked_at = 0
        left = {name: list(answer) if isinstance(answer, (list, tuple)) else None for name, answer in answers.items()}
        while True:
            ready, _, _ = select.select([process.stdout], [], [], 60)
            assert ready, f"the script says nothing:\n{said.decode()}"
            more = os.read(process.stdout.fileno(), 65536)
            if not more:
                break
            said += more
            line = said[asked_at:].decode(errors="replace").rsplit("\n", 1)[-1]
            name = self.asked(line)
            if name is None:
                continue
            answer = answers.get(name, QUESTIONS.get(name, (None, None))[1])
            if left.get(name) is not None:
                answer = left[name].pop(0) if left[name] else QUESTIONS.get(name, (None, "q"))[1]
            assert answer is not None, f"no answer to: {line}"
            asked_at = len(said)
            process.stdin.write(f"{answer}\n".encode())
            process.stdin.flush()
        process.communicate()
        return Ran(process.returncode, said.decode(errors="replace"))

    @staticmethod
    def asked(line):
        for name, (question, _) in QUESTIONS.items():
            if re.search(question, line):
                return name
        variable = re.search(r"^ {6}([A-Z_]+), .*: $", line)
        return variable and variable.group(1)

    def line(self, line, **variables):
        """Runs one line of a plan in a shell: what is for git, in the repository."""
        env = {**self.environment, **variables}
        folder = self.repository if line.startswith("git ") else self.folder
        return subprocess.run(["sh", "-c", line], cwd=folder, env=env, capture_output=True, text=True, check=False)

    # What is left.

    def keys_of(self, name):
        return {key["AccessKeyId"]: key["Status"] for key in self.account.users[name]["keys"]}

    def called(self):
        """The words of every `aliyun` that ran, in order."""
        path = self.folder / "called"
        return path.read_text().splitlines() if path.exists() else []

    def calls(self):
        """What changed the account, in order."""
        return [call["action"] for call in self.account.history]

    def close(self):
        self.simulator.shutdown()
        self.simulator.server_close()
        if self.socket:
            self.socket.close()
        subprocess.run(["rm", "-rf", str(self.folder)], check=True)


def record(key, status, **owner):
    """A record of the inventory."""
    return {"access_key_id": key["AccessKeyId"], "status": status, "account_id": ACCOUNT_ID, **owner}


def etl(key, status="active"):
    return record(key, status, owner_type="ram-user", user_name="etl", **used_with("Oss"))


def used_with(*products):
    """What a record says of a key of which the products are listed."""
    return {"products": list(products), "uses": [{"kind": "product", "name": product} for product in products]}


def pair(key):
    """A key as it leaks."""
    return f"accessKeyId: {key['AccessKeyId']}\naccessKeySecret: {key['AccessKeySecret']}\n"


def token_of(key):
    """Temporary credentials, made of the letters of `key`, as they leak."""
    key_id = "STS.NV" + key["AccessKeyId"][4:24]
    token = "CAIS" + "aB3dE5gH7jK9mN1p" * 20
    return json.dumps({"AccessKeyId": key_id, "AccessKeySecret": key["AccessKeySecret"], "SecurityToken": token})
