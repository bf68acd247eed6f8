"""`akscan inventory pull` against an account that answers as the services do, in pages and with faults."""

import json
import os
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from account import ACCOUNT_ID, DOMAIN, made_up
from simulator import Simulator
from world import AKSCAN

# Every fault that goes over. akscan waits after each.
FAULTS = [(500, "InternalError"), (429, "Throttling.User"), (0, "closed"), (503, "ServiceUnavailable"), (400, "Throttling")]
# Everything else that a profile of the `aliyun` command can be.
OTHER_MODES = [
    "RsaKeyPair", "RamRoleArnWithRoleName", "ChainableRamRoleArn", "External", "CredentialsURI", "OIDC", "CloudSSO", "OAuth",
    "BearerToken", "Anonymous",
]


class Pull(unittest.TestCase):
    def setUp(self):
        self.simulator = Simulator()
        self.account = self.simulator.account
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addCleanup(self.simulator.server_close)
        self.addCleanup(self.simulator.shutdown)
        self.folder = Path(folder.name)

    # What a test prepares.

    def users(self, count, every=1):
        """Users of whom some have keys: one each, or two."""
        for number in range(count):
            self.account.add_user(f"user-{number}")
        for number in range(0, count, every):
            for place in range(1 + number % 2):
                key = self.account.add_key(f"user-{number}", status=("Active", "Inactive")[place])
                key.update(LastUsedDate="2026-11-01T08:00:00Z", ServiceName="Oss")

    def auditor(self):
        """A key of a user with just the rights that are needed."""
        self.account.add_user("auditor")
        self.account.allow("auditor", *self.rights())
        return self.account.add_key("auditor")

    def rights(self, *options):
        (statement,) = json.loads(self.akscan("pull", "--print-policy", *options, code=0).stdout)["Statement"]
        self.assertEqual((statement["Effect"], statement["Resource"]), ("Allow", "*"))
        return statement["Action"]

    def profiles(self, *profiles):
        (self.folder / ".aliyun").mkdir(exist_ok=True)
        configuration = {"current": profiles[0]["name"], "profiles": profiles, "meta_path": ""}
        (self.folder / ".aliyun/config.json").write_text(json.dumps(configuration))

    def role_profile(self, **more):
        """A profile of a user who may do nothing but assume a role with the rights that are needed."""
        self.account.allow("audit", *self.rights())
        self.account.add_user("operator")
        self.account.allow("operator", "sts:AssumeRole")
        arn = f"acs:ram::{ACCOUNT_ID}:role/audit"
        return profile("role", "RamRoleArn", self.account.add_key("operator"), ram_role_arn=arn, ram_session_name="akscan", **more)

    # What is run.

    def command(self, *words):
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder)}
        return {"args": [AKSCAN, "inventory", *words], "cwd": self.folder, "env": environment, "text": True}

    def akscan(self, *words, code, **environment):
        command = self.command(*words)
        command["env"].update(environment)
        ran = subprocess.run(**command, capture_output=True, check=False)
        self.assertEqual(ran.returncode, code, ran.stdout + ran.stderr)
        return ran

    def words(self, *options, rate=100_000, patience=10):
        endpoint = f"http://{self.simulator.address}"
        hosts = ["--endpoint", endpoint, "--metadata-endpoint", endpoint]
        return ["pull", "--store", "keys.db", "--rate", str(rate), "--patience", str(patience), *hosts, *options]

    def pull(self, *options, code, signer=None, **limits):
        """What is said by a pull; with these credentials in the environment, if any."""
        environment = {}
        if signer:
            environment = {"ALIBABA_CLOUD_ACCESS_KEY_ID": signer["AccessKeyId"], "ALIBABA_CLOUD_ACCESS_KEY_SECRET": signer["AccessKeySecret"]}
            if "SecurityToken" in signer:
                environment["ALIBABA_CLOUD_SECURITY_TOKEN"] = signer["SecurityToken"]
        return self.akscan(*self.words(*options, **limits), code=code, **environment).stderr

    # What came of it.

    def known(self):
        """The keys that the store knows, by ID."""
        exported = json.loads(self.akscan("export", "keys.db", code=0).stdout)
        return {key["access_key_id"]: key for key in exported["keys"]}

    def statuses(self):
        return {key_id: key["status"] for key_id, key in self.known().items()}

    def all_keys(self):
        """What it should know."""
        keys = self.account.root_keys + [key for user in self.account.users.values() for key in user["keys"]]
        return {key["AccessKeyId"]: key["Status"].lower() for key in keys}

    def extent(self):
        return self.akscan("list", "keys.db", code=0).stdout.split("\n\n")[-1]

    def assert_whole(self):
        self.assertEqual(self.statuses(), self.all_keys())
        self.assertIn(f"Account {ACCOUNT_ID}: every key is known", self.extent())

    def assert_partial(self):
        self.assertLessEqual(self.statuses().items(), self.all_keys().items())
        self.assertIn(f"Account {ACCOUNT_ID}: not every key is known", self.extent())

    def test_ten_thousand_users_are_listed_through_faults_with_credentials_that_expire(self):
        self.profiles(self.role_profile())
        self.users(10_000, every=20)
        self.account.sessions_last = 3_000
        self.simulator.faults = [call for fault in FAULTS * 8 for call in [None] * 250 + [fault]]
        self.pull(code=0)
        self.assertEqual(self.simulator.faults, [])
        self.assertGreater(len(self.account.sessions), 3)
        self.assert_whole()
        known = self.known()
        for name, user in self.account.users.items():
            for key in user["keys"]:
                told = known[key["AccessKeyId"]]
                self.assertEqual((told["account_id"], told["user_principal_name"]), (ACCOUNT_ID, f"{name}@{DOMAIN}"))
                self.assertEqual(told.get("last_used_service"), key["ServiceName"] or None)

    def test_credentials_that_end_leave_what_was_told_and_the_next_pull_adds_the_rest(self):
        self.users(100)
        self.account.allow("audit", *self.rights())
        self.account.sessions_last = 60
        said = self.pull(code=3, signer=self.account.add_session("audit"))
        self.assertRegex(said, r"missing: the keys of \d+, user-\d+@\S+ for one: \w+: InvalidSecurityToken.Expired \(HTTP 400\)\n")
        self.assertGreater(len(self.statuses()), 0)
        self.assert_partial()
        self.account.sessions_last = None
        self.pull(code=0, signer=self.account.add_session("audit"))
        self.assert_whole()

    def test_a_pull_that_is_killed_leaves_a_store_that_is_sound_and_partial(self):
        self.users(1_500)
        signer = self.auditor()
        short = ["--without", "recycle-bin", "--without", "usage"]
        for number, (end, stop) in enumerate([(1_500, signal.SIGTERM), (2_900, signal.SIGKILL)], 1):
            self.profiles(profile("p", "AK", signer))
            running = subprocess.Popen(**self.command(*self.words(*short, rate=600)), stderr=subprocess.DEVNULL)
            begun = len(self.simulator.signed)
            while len(self.simulator.signed) - begun < end and running.poll() is None:
                time.sleep(0.01)
            running.send_signal(stop)
            running.wait()
            self.assertEqual(running.returncode, -stop)
            self.assert_partial()
            self.assertGreater(len(self.statuses()), 500 * number)
        self.pull(code=0)
        self.assert_whole()

    def test_a_service_that_is_always_busy_is_given_up(self):
        self.users(4)
        signer = self.auditor()
        self.simulator.faults = [None] * 3 + [(429, "Throttling.User")] * 1_000
        said = self.pull(code=3, signer=signer, patience=1)
        self.assertIn("missing: the keys of 5, user-0@example.onaliyun.com for one: ListAccessKeys: Throttling.User (HTTP 429)\n", said)
        self.assert_partial()

    def test_what_one_user_hides_is_named_and_the_others_are_listed(self):
        self.users(4)
        signer = self.auditor()
        self.simulator.faults = [None, None, None, (403, "NoPermission")]
        said = self.pull(code=3, signer=signer)
        self.assertRegex(said, rf"missing: the keys of \S+@{DOMAIN}: ListAccessKeys: NoPermission \(HTTP 403\)\n")
        self.assert_partial()
        self.assertGreater(len(self.statuses()), 4)

    def test_users_and_keys_that_are_deleted_are_known_to_be(self):
        self.users(6)
        signer = self.auditor()
        self.pull(code=0, signer=signer)
        # The user goes while the users are listed, before their keys are; the key goes before that, into the recycle bin.
        named = {"UserName": "user-3", "UserAccessKeyId": self.account.users["user-3"]["keys"][-1]["AccessKeyId"]}
        gone = self.account.users["user-2"]["keys"] + [self.account.users["user-3"]["keys"][-1]]
        self.account.ram_DeleteAccessKey(named, None)
        self.simulator.faults = [None, None, None, lambda: self.account.users.pop("user-2")]
        self.pull(code=0, signer=signer)
        self.assertEqual(self.statuses(), {**self.all_keys(), **{key["AccessKeyId"]: "deleted" for key in gone}})

    def test_keys_that_no_store_knew_come_from_the_recycle_bin(self):
        self.users(3)
        signer = self.auditor()
        key = self.account.users["user-1"]["keys"][0]
        self.account.ram_DeleteAccessKey({"UserName": "user-1", "UserAccessKeyId": key["AccessKeyId"]}, None)
        self.pull(code=0, signer=signer)
        told = self.known()[key["AccessKeyId"]]
        self.assertEqual((told["status"], told["user_principal_name"], told["account_id"]), ("deleted", f"user-1@{DOMAIN}", ACCOUNT_ID))
        self.assertEqual(told["status_events"][-1]["at"], self.account.bin[0]["RecycleDate"])

    def test_what_keys_are_used_with_is_told_page_by_page_of_those_that_work(self):
        self.users(4)
        signer = self.auditor()
        (idle,), (used, off) = (self.account.users[f"user-{number}"]["keys"] for number in (0, 1))
        old = self.account.add_key("user-2", key_id=made_up("A", 15))
        for key in (used, off, old):
            key.update(uses=["Oss", "MaxCompute"], things={"Oss": 120, "MaxCompute": 3})
        self.pull(code=0, signer=signer)
        self.assert_whole()
        known = self.known()
        for key in (used, old):
            told = known[key["AccessKeyId"]]
            self.assertEqual(told["products"], ["MaxCompute", "Oss"])
            uses = {(use["kind"], use["name"], use.get("within")) for use in told["uses"]}
            self.assertEqual(len(uses), 2 + 3 * 123)
            expected = {("product", "Oss", None), ("call", "GetOss119", "Oss"), ("source-ip", "203.0.113.9", "MaxCompute"), ("resource", "thing-119", "ACS::Oss::Thing")}
            self.assertEqual(expected - uses, set())
        for key in (idle, off):
            self.assertNotIn("uses", known[key["AccessKeyId"]])

    def test_of_a_list_without_end_enough_is_asked_for(self):
        self.users(1)
        signer = self.auditor()
        key = self.account.users["user-0"]["keys"][0]
        key.update(uses=["Oss"], things={"Oss": 10_000})
        self.pull(code=0, signer=signer)
        self.assertEqual(len(self.known()[key["AccessKeyId"]]["uses"]), 1 + 3 * 200)
        self.assertLess(self.simulator.asked, 30)

    def test_leaks_are_told_page_by_page(self):
        self.users(4)
        signer = self.auditor()
        key, root = self.account.users["user-1"]["keys"][0], self.account.add_key(None)
        for number in range(230):
            self.account.add_leak((key, root)[number % 2]["AccessKeyId"], f"https://example.com/{number}")
        # The primary account's own key is known by its leak alone.
        self.pull(code=3, signer=signer)
        known = self.known()
        self.assertEqual([len(known[one["AccessKeyId"]]["leaks"]) for one in (key, root)], [115, 115])
        self.assertEqual(known[root["AccessKeyId"]]["owner_type"], "primary")
        checked = self.akscan("check", "keys.db", code=1).stdout
        self.assertEqual(checked.splitlines()[0], "Leaked, and not known to be disabled: 230 keys")

    def test_a_part_that_is_refused_is_named_and_the_keys_are_whole(self):
        self.users(20)
        signer = self.auditor()
        for user in self.account.users.values():
            user["keys"][0].update(uses=["Oss"])
        for part, call, what in [
            ("recycle-bin", "ram:ListAccessKeysInRecycleBin", r"the recycle bin of 21, \S+ for one"),
            ("usage", "actiontrail:GetAccessKeyLastUsedProducts", r"the products of 21, \S+ for one"),
            ("usage", "actiontrail:GetAccessKeyLastUsedIps", r"the addresses of 21, \S+ for one"),
            ("leaks", "yundun-aegis:DescribeAccesskeyLeakList", "the leaks"),
        ]:
            action = call.partition(":")[2]
            self.account.allow("auditor", *set(self.rights()) - {call})
            (self.folder / "keys.db").unlink(missing_ok=True)
            refused = len(self.simulator.refused)
            said = self.pull(code=3, signer=signer)
            left_out = f"\\(no key is missing for that; --without {part} leaves it out\\)\n"
            self.assertRegex(said, rf"missing: {what}: {action}: NoPermission \(HTTP 403\) {left_out}")
            self.assertEqual(said.count("missing: "), 1, said)
            # It is not asked for again and again.
            self.assertLessEqual(len(self.simulator.refused) - refused, 16)
            self.assert_whole()
            (self.folder / "keys.db").unlink()
            said = self.pull("--without", part, code=0, signer=signer)
            self.assertNotIn("missing", said)
            self.assertNotIn(action, said)
            self.assert_whole()

    def test_the_primary_account_lists_its_own_keys(self):
        self.users(3)
        root = self.account.add_key(None)
        self.pull(code=0, signer=root)
        self.assert_whole()
        self.assertEqual(self.known()[root["AccessKeyId"]]["owner_type"], "primary")

    def test_nobody_else_is_told_the_primary_accounts_keys(self):
        self.users(3)
        signer = self.auditor()
        root = self.account.add_key(None)
        said = self.pull(code=3, signer=signer)
        self.assertIn("the primary account's own keys are not listed", said)
        self.assertNotIn(root["AccessKeyId"], self.statuses())
        self.assert_partial()

    def test_the_report_is_waited_for_and_comes_in_pages(self):
        self.users(20)
        signer = self.auditor()
        self.account.report_takes, self.account.report_page = 3, 7
        self.pull(code=0, signer=signer)
        self.assert_whole()

    def test_a_user_who_is_only_in_an_older_report_is_not_missed(self):
        self.users(3)
        signer = self.auditor()
        self.account.credential_report = {"GeneratedTime": "2026-11-01T08:00:00Z", "rows": self.account.rows()}
        del self.account.users["user-1"]
        self.pull(code=0, signer=signer)
        self.assert_whole()
        # As of then it is known that the primary account has no keys.
        self.assertIn("as of 2026-11-01.", self.extent())

    def test_the_policy_is_enough_and_no_right_in_it_too_many(self):
        self.users(3)
        self.account.users["user-0"]["keys"][0].update(uses=["Oss"])
        signer = self.auditor()
        rights = self.rights()
        self.pull(code=0, signer=signer)
        self.assertEqual(self.simulator.refused, [])
        parts = ["--without", "recycle-bin", "--without", "usage", "--without", "leaks"]
        self.account.allow("auditor", *self.rights(*parts))
        (self.folder / "keys.db").unlink()
        self.account.credential_report, self.account.report_takes = None, 1
        self.pull(*parts, code=0, signer=signer)
        self.assertEqual(self.simulator.refused, [])
        for right in rights:
            (self.folder / "keys.db").unlink()
            self.account.credential_report, self.account.report_takes = None, 1
            self.account.allow("auditor", *set(rights) - {right})
            said = self.pull(code=3, signer=signer)
            self.assertIn(f"{right.partition(':')[2]}: NoPermission (HTTP 403)", said)
        self.account.allow("auditor")
        (self.folder / "keys.db").unlink()
        self.assertIn("missing: the users: ListUsers: NoPermission (HTTP 403)", self.pull(code=3, signer=signer))
        self.assertEqual(self.statuses(), {})

    def test_profiles_of_four_modes_sign(self):
        self.users(3)
        self.account.sessions_last = 8
        session, key = self.account.add_session("audit"), self.auditor()
        session["lasts"] = None
        self.simulator.instance_role = "audit"
        self.profiles(
            self.role_profile(external_id="x-1", expired_seconds=900),
            profile("key", "AK", key),
            profile("session", "StsToken", session, sts_token=session["SecurityToken"]),
            {"name": "instance", "mode": "EcsRamRole"},
            {"name": "named", "mode": "EcsRamRole", "ram_role_name": "audit"},
        )
        self.account.roles["audit"]["external_id"] = "x-1"
        for name in ("role", "key", "session", "instance", "named"):
            said = self.pull("--profile", name, code=0)
            self.assertIn(f"With the credentials of profile `{name}`:\n", said)
            self.assert_whole()
            (self.folder / "keys.db").unlink()
        # Their credentials were renewed.
        self.assertGreater(len(self.account.sessions), 4)
        self.simulator.instance_role = None
        self.assertIn("is this an ECS instance with a role?", self.pull("--profile", "instance", code=2))

    def test_every_other_mode_is_refused_by_its_name_and_nothing_in_it_runs(self):
        canary = {"process_command": f"touch {self.folder}/canary", "credentials_uri": f"http://{self.simulator.address}/canary"}
        self.profiles(*({"name": mode.lower(), "mode": mode, "source_profile": "external", **canary} for mode in OTHER_MODES))
        for mode in OTHER_MODES:
            said = self.pull("--profile", mode.lower(), code=2)
            self.assertIn(f"profile `{mode.lower()}` is of mode {mode}; AK, StsToken, RamRoleArn and EcsRamRole can be used", said)
        self.assertFalse((self.folder / "canary").exists())
        self.assertFalse((self.folder / "keys.db").exists())
        self.assertEqual(self.simulator.asked, 0)

    def test_without_credentials_nobody_is_asked(self):
        self.assertIn("no credentials: set ALIBABA_CLOUD_ACCESS_KEY_ID", self.pull(code=2))
        self.assertEqual(self.simulator.asked, 0)

    def test_no_secret_is_anywhere_but_where_it_was(self):
        self.users(3)
        self.profiles(self.role_profile())
        self.simulator.faults = [None] * 4 + [self.look_around]
        self.seen = b""
        said = self.pull(code=0)
        self.assertIn(b"keys.db", self.seen)
        (self.folder / ".aliyun/config.json").unlink()
        written = b"".join(path.read_bytes() for path in self.folder.rglob("*") if path.is_file())
        sessions, (operator,) = self.account.sessions.values(), self.account.users["operator"]["keys"]
        secrets = [operator["AccessKeySecret"]] + [session[name] for session in sessions for name in ("AccessKeySecret", "SecurityToken")]
        self.assertEqual(len(secrets), 3)
        for secret in secrets:
            for place in (written, said.encode(), self.seen):
                self.assertNotIn(secret.encode(), place)

    def look_around(self):
        """What others can see of processes, and what is in the folder while akscan works; but the profile itself."""
        places = [path for name in ("cmdline", "environ") for path in Path("/proc").glob(f"[0-9]*/{name}")]
        places += [path for path in self.folder.rglob("*") if path.is_file() and path.name != "config.json"]
        for path in places:
            try:
                self.seen += path.read_bytes()
            except OSError:
                continue


def profile(name, mode, key, **more):
    return {"name": name, "mode": mode, "access_key_id": key["AccessKeyId"], "access_key_secret": key["AccessKeySecret"], **more}
