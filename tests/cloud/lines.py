"""Every line of every plan, carried out: what a person copies from the text or from Markdown, and what the script runs.

A plan of each kind is made; its commands and their undos are read from all three forms, which must say the same. That none
is missed is counted at the end: of the lines that were printed none is left that was not run, and of the operations that
plans can name (the table in src/model/call.rs) none that was not printed.
"""

import itertools
import json
import re
import unittest

from world import HERE, World, etl, pair, record, token_of, used_with

ROOT = HERE.parent.parent
TRUST = json.dumps({"Statement": [{"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": {"RAM": ["acs:ram::1234567890123456:root"]}}], "Version": "1"})


# What leaks, how, and what is known of it. Each makes the report of its world, and tells what has to be found out.


def of_a_user(world, key):
    world.leak(key, pushed=True)
    world.scan([etl(key)])


def of_a_user_with_two_keys(world, key):
    world.leak(key, pushed=True)
    return two_keys(world, key, etl)


def of_a_logon_name(world, key):
    world.leak(key, pushed=True)
    return two_keys(world, key, logon)


def of_a_user_with_a_key_that_is_disabled(world, key):
    world.leak(key, pushed=True)
    return two_keys(world, key, etl, "Inactive")


def two_keys(world, key, record_of, status="Active"):
    other = world.account.add_key("etl", status=status)
    world.scan([record_of(key), record_of(other, status.lower())])
    return {"OTHER": other["AccessKeyId"], "NEW_USER_NAME": "etl-2"}


def of_a_user_with_two_keys_that_must_not_fail(world, key):
    world.leak(key, pushed=False)
    return two_keys(world, key, etl)


def of_a_user_to_be_found(world, key):
    world.leak(key, pushed=True)
    world.scan([record(key, "active")])
    return {"USER_NAME": "etl", "SERVICE_NAME": "Oss"}


def of_the_primary_account(world, key, products=("Oss",), status="active"):
    world.account.users["etl"]["keys"].remove(key)
    world.account.root_keys.append(key)
    world.signer = world.account.add_key(None)
    world.leak(key, pushed=True)
    world.scan([record(key, status, owner_type="primary", **used_with(*products))])
    return {"NEW_USER_NAME": "etl-2"}


def of_the_primary_account_with_rights_to_be_chosen(world, key):
    variables = of_the_primary_account(world, key, products=())
    return {**variables, "POLICY_TYPE": "Custom", "POLICY_NAME": "etl-oss", "SERVICE_NAME": "Oss"}


def of_the_primary_account_in_a_state_to_be_found(world, key):
    return of_the_primary_account(world, key, status=None)


def not_pushed(world, key):
    world.leak(key, pushed=False)
    world.scan([etl(key)])


def pushed_and_must_not_fail(world, key):
    world.leak(key, pushed=True)
    world.scan([etl(key)], "--strategy", "rotate-first")


def staged(world, key):
    world.commit("README", "a repository\n")
    (world.repository / "app.yaml").write_text(pair(key))
    world.git("add", "app.yaml")
    world.scan([etl(key)], command="staged")


def of_nobody(world, key):
    world.leak(key, pushed=True)
    world.scan([])
    return {"USER_NAME": "etl", "SERVICE_NAME": "Oss"}


def alone(world, key):
    world.commit("app.env", f"ALIBABA_CLOUD_ACCESS_KEY_SECRET={key['AccessKeySecret']}\n")
    world.push()
    world.scan([])
    return {"LEAKED_KEY_ID": key["AccessKeyId"], "USER_NAME": "etl", "SERVICE_NAME": "Oss"}


def in_a_state_to_be_found(world, key):
    world.leak(key, pushed=True)
    world.scan([etl(key, None)])


def in_a_state_to_be_found_by_logon_name(world, key):
    world.leak(key, pushed=True)
    world.scan([logon(key, None)])


def disabled(world, key):
    key["Status"] = "Inactive"
    world.leak(key, pushed=True)
    world.scan([etl(key, "inactive")])


def deleted(world, key):
    world.account.users["etl"]["keys"].remove(key)
    world.leak(key, pushed=True)
    world.scan([etl(key, "deleted")])


def temporary(world, key):
    policy = {"PolicyType": "System", "PolicyName": "AliyunOSSFullAccess"}
    world.account.roles["etl-role"] = {"trust": TRUST, "longest": 7200, "policies": [policy]}
    world.session = world.account.add_session("etl-role")
    world.commit("session.json", token_of(key))
    world.push()
    world.scan([])
    return {"ROLE_NAME": "etl-role", "TRUST_POLICY": TRUST, "SESSION_SECONDS": "7200", "POLICY_TYPE": "System", "POLICY_NAME": "AliyunOSSFullAccess"}


def without_its_secret(world, key):
    world.commit("app.log", f"called by {key['AccessKeyId']}\n")
    world.push()
    world.scan([etl(key)])


def in_no_commit(world, key):
    world.commit("README", "a repository\n")
    (world.repository / "app.yaml").write_text(pair(key))
    world.git("add", "app.yaml")
    world.git("rm", "--quiet", "--force", "app.yaml")
    world.scan([etl(key)])


def logon(key, status="active"):
    return record(key, status, owner_type="ram-user", user_principal_name="etl@example.onaliyun.com", **used_with("Oss"))


KINDS = {
    "disable-first": [
        of_a_user,
        of_a_user_with_two_keys,
        of_a_user_with_a_key_that_is_disabled,
        of_a_logon_name,
        of_a_user_to_be_found,
        of_the_primary_account,
        of_the_primary_account_with_rights_to_be_chosen,
    ],
    "rotate-first": [not_pushed, of_a_user_with_two_keys_that_must_not_fail, pushed_and_must_not_fail, staged],
    "identify": [
        of_nobody,
        alone,
        in_a_state_to_be_found,
        in_a_state_to_be_found_by_logon_name,
        of_the_primary_account_in_a_state_to_be_found,
    ],
    "delete": [disabled],
    "expire": [temporary],
    "clean-up": [deleted],
    "review": [without_its_secret],
    "remove-local": [in_no_commit],
}


# What must be so for a step: the question that the script asks, and its answer.
CONDITIONS = {
    "yours": ("yours", "yes"),
    "not-yours": ("yours", "no"),
    "works": ("works", "yes"),
    "does-not-work": ("works", "no"),
    "of-primary-account": ("primary", "yes"),
    "of-ram-user": ("primary", "no"),
    "other-key-used": ("other", "yes"),
    "other-key-unused": ("other", "no"),
    "ends-too-late": ("late", "yes"),
}


# The lines of a plan, command and undo in turn, from each of its forms.


def lines_of_text(text):
    return [line for line in re.findall(r"^ +(?:run|undo): +(.+)$", text, re.MULTILINE) if line != "none"]


def lines_of_markdown(text):
    return re.findall(r"^  ```sh\n  (.+)\n  ```$", text, re.MULTILINE)


def lines_of_script(script):
    main = script[script.rindex("\nmain() {") :]
    return re.findall(r"(?:^ +(?:as_primary )?(?:look|look_up|keep [a-z-]+|change|create) |'undo: |in the repository: )((?:aliyun|git) [^'\n]*)", main, re.MULTILINE)


def bare(line):
    """A call without what keeps its answer."""
    return re.sub(r"^\(umask 077; set -C; (.*) > [a-z-]+\.json\)$", r"\1", line)


def words(line, variables):
    """What `aliyun` is told by a line."""
    return re.sub(r'"\$\{([A-Z_]+):\?\}"', lambda variable: variables[variable.group(1)], bare(line)).removeprefix("aliyun ")


def is_call(line):
    return bare(line).startswith("aliyun ")


def operations():
    """All that a plan can call: the table in the source."""
    table = (ROOT / "src/model/call.rs").read_text()
    return set(re.findall(r'operation\(\s*"([a-z]+)",\s*"([A-Za-z]+)"', table))


class Followed:
    """A leak of some kind, its plan as it goes with some answers, and which of its lines were run."""

    def __init__(self, test, leak, answers):
        self.test, self.world = test, World()
        test.addCleanup(self.world.close)
        self.key = self.world.user("etl", "AliyunOSSReadOnlyAccess")
        self.world.session = None
        if answers.get("primary") == "yes":
            self.world.account.users["etl"]["keys"].remove(self.key)
            self.world.account.root_keys.append(self.key)
            self.world.signer = self.world.account.add_key(None)
        self.variables = {"LOG_REGION": "cn-hangzhou", "START_TIME": "2026-03-01T00:00:00Z", "END_TIME": "2026-03-31T00:00:00Z"}
        self.variables.update(leak(self.world, self.key) or {})
        if "works" in answers:
            # Whatever the inventory says: it is looked at anew.
            self.key["Status"] = "Active" if answers["works"] == "yes" else "Inactive"
        (self.plan,) = json.loads(self.world.plan("json"))["keys"]
        self.answers = answers
        fits = lambda condition: answers.get(CONDITIONS[condition][0]) == CONDITIONS[condition][1]
        self.steps = [step for step in self.plan["steps"] if step["command"] and all(map(fits, step.get("when", [])))]
        self.before = self.state()
        self.run_lines = []

    def state(self):
        """Users, keys, policies and roles: what plans change."""
        return {name: value for name, value in self.world.account.shown().items() if name in ("users", "root_keys", "roles")}

    def named(self, lines):
        """Lines with a name for the key, which is another one in each world."""
        leaked = self.plan["names"]["access_key_id"] or self.key["AccessKeyId"]
        return {line.replace(leaked, "LEAKED").replace(self.variables.get("OTHER", leaked), "OTHER") for line in lines}

    def branches(self):
        """Every way through the plan: answers to its questions."""
        asked = sorted({CONDITIONS[condition][0] for step in self.plan["steps"] for condition in step.get("when", [])})
        return [dict(zip(asked, answers)) for answers in itertools.product(("yes", "no"), repeat=len(asked))]

    def printed(self):
        """The lines of the plan. Every form says the same ones."""
        lines = [line for step in self.plan["steps"] for line in (step["command"], step["undo"]) if line]
        self.test.assertEqual(lines_of_text(self.world.plan("text")), lines)
        self.test.assertEqual(lines_of_markdown(self.world.plan("markdown")), lines)
        self.test.assertEqual(sorted(lines_of_script(self.world.plan("shell"))), sorted(map(bare, lines)))
        return self.named(lines)

    def run(self, line):
        """Runs a line as it was printed."""
        done = self.world.line(line, **self.variables)
        self.test.assertEqual(done.returncode, 0, f"{line}\n{done.stderr}")
        if is_call(line):
            self.test.assertEqual(self.world.called()[-1], words(line, self.variables))
        if "CreateAccessKey" in line:
            answer = self.world.folder / "new-key.json"
            self.variables["NEW_KEY_ID"] = json.loads(answer.read_text())["AccessKey"]["AccessKeyId"]
            answer.unlink()
        if "GetRole" in line:
            role = json.loads((self.world.folder / "role.json").read_text())["Role"]
            self.variables.update(TRUST_POLICY=role["AssumeRolePolicyDocument"], SESSION_SECONDS=str(role["MaxSessionDuration"]))
        self.run_lines.append(line)

    def take_back(self, done):
        """Takes all back that was done, the last first, as one would; and does it again."""
        for step, earlier in reversed(done):
            self.test.assertNotEqual(self.state(), earlier, step["command"])
            self.run(step["undo"])
            self.test.assertEqual(self.state(), earlier, step["undo"])
        for step, _ in done:
            self.run(step["command"])
        done.clear()

    def by_hand(self):
        """Does all of it, from line to line. What can be taken back is, before what cannot."""
        done = []
        for step in self.steps:
            if step["undo"]:
                done.append((step, self.state()))
            elif bare(step["command"]).split()[2].startswith("Delete"):
                self.take_back(done)
            self.run(step["command"])
            if step["command"].startswith("git "):
                command = "staged" if "restore" in step["command"] else "scan"
                self.test.assertEqual(self.world.scan([], command=command)["findings"], [], step["command"])
        self.take_back(done)

    def by_script(self):
        """Has the script do it. What it ran succeeded, or it would have stopped."""
        self.world.write_script()
        ran = self.world.run(**self.variables, **self.answers)
        self.test.assertEqual(ran.code, 0, ran.said)
        called = set(self.world.called())
        self.run_lines = [step["command"] for step in self.steps if is_call(step["command"]) and words(step["command"], self.variables) in called]

    def is_closed(self):
        """What the plan says is gone is gone, a new key works, and nothing else is touched."""
        actions = [bare(step["command"]).split()[2] for step in self.steps]
        after = self.state()
        if "DeleteAccessKey" in actions:
            self.test.assertEqual(self.world.account.find(self.key["AccessKeyId"]), (None, None))
            made = [key["Status"] for name in ("etl", "etl-2") for key in after["users"].get(name, {"keys": []})["keys"]]
            # What makes way for another is gone, too; what is in use works as before.
            kept = any(step["id"] == "enable-other" for step in self.steps)
            self.test.assertEqual(made, ["Active"] * (actions.count("CreateAccessKey") + kept))
        if any(step["id"] == "disable-primary" for step in self.steps):
            self.test.assertEqual(self.world.account.find(self.key["AccessKeyId"])[1]["Status"], "Inactive")
        if self.world.session and self.answers["late"] == "yes":
            # The role is as it was (see the last line), and no session of before.
            self.test.assertIn("DeleteRole", actions)
            self.test.assertNotIn(self.world.session["AccessKeyId"], self.world.account.sessions)
        for state in (self.before, after):
            state["root_keys"] = [key for key in state["root_keys"] if key["AccessKeyId"] != self.key["AccessKeyId"]]
            if "DeleteAccessKey" in actions:
                state["users"]["etl"]["keys"] = []
                state["users"].pop("etl-2", None)
        self.test.assertEqual(after, self.before)


class Lines(unittest.TestCase):
    maxDiff = None

    def test_every_command_and_every_undo_of_every_plan_is_carried_out(self):
        called = set()
        for strategy, kinds in KINDS.items():
            for leak in kinds:
                with self.subTest(strategy=strategy, key=leak.__name__):
                    plan = Followed(self, leak, {})
                    self.assertEqual(plan.plan["strategy"], strategy)
                    printed = plan.printed()
                    for answers in plan.branches():
                        hand, script = Followed(self, leak, answers), Followed(self, leak, answers)
                        hand.by_hand()
                        hand.is_closed()
                        printed -= hand.named(hand.run_lines)
                        script.by_script()
                        script.is_closed()
                        commands = hand.named(step["command"] for step in hand.steps if is_call(step["command"]))
                        self.assertEqual(commands - script.named(script.run_lines), set(), answers)
                        called.update(tuple(bare(line).split()[1:3]) for line in hand.run_lines if is_call(line))
                    self.assertEqual(printed, set())
        self.assertEqual(called, operations())

    def test_every_strategy_has_a_leak_here(self):
        schema = json.loads((ROOT / "src/report/report.schema.json").read_text())
        self.assertEqual(set(schema["$defs"]["recommendation"]["properties"]["strategy"]["enum"]), {*KINDS, "none"})
