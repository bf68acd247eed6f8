"""Every plan, carried out by its own script."""

import copy
import glob
import json
import os
import subprocess
import threading
import unittest

from world import AKSCAN, World, etl, pair, record, token_of, used_with


class Processes:
    """The arguments and environments of all processes while something runs, as far as they are caught."""

    def __enter__(self):
        self.seen, self.over = set(), threading.Event()
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

    def watch(self):
        while not self.over.wait(0.01):
            for what in ("cmdline", "environ"):
                for path in glob.glob(f"/proc/[0-9]*/{what}"):
                    try:
                        with open(path, "rb") as file:
                            self.seen.add(file.read())
                    except OSError:
                        pass  # It has ended, or is somebody else's.


class Plan(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.account = self.world.account
        self.leaked = self.world.user("etl", "AliyunOSSReadOnlyAccess")
        self.before = self.account.shown()

    def tearDown(self):
        self.world.close()

    def finding(self, report, strategy):
        self.assertEqual([finding["recommendation"]["strategy"] for finding in report["findings"]], [strategy])
        self.world.write_script()

    def is_closed(self):
        """The leaked key is gone, a new one works, and nothing else is touched."""
        keys = self.world.keys_of("etl")
        self.assertEqual(list(keys.values()), ["Active"], keys)
        self.assertNotIn(self.leaked["AccessKeyId"], keys)
        after = self.account.shown()
        for state in (self.before, after):
            for touched in ("history", "bin"):
                state.pop(touched, None)
            state["users"]["etl"].pop("keys", None)
        self.assertEqual(after, self.before)

    def well(self, ran):
        self.assertEqual(ran.code, 0, ran.said)
        return ran


class DisableFirst(Plan):
    """A key that works and was pushed."""

    def setUp(self):
        super().setUp()
        self.world.leak(self.leaked, pushed=True)
        self.finding(self.world.scan([etl(self.leaked)]), "disable-first")

    def test_it_closes_the_hole_before_anything_else(self):
        self.well(self.world.run())
        self.assertEqual(self.world.calls(), ["UpdateAccessKey", "CreateAccessKey", "DeleteAccessKey"])
        self.assertEqual(self.account.history[0]["works"]["etl"], 0)
        self.is_closed()

    def test_a_second_run_does_nothing(self):
        self.well(self.world.run())
        self.well(self.world.run())
        self.assertEqual(len(self.world.calls()), 3)

    def test_it_runs_in_bash_as_well(self):
        self.well(self.world.run(shell="bash"))
        self.is_closed()

    def test_wherever_it_is_throttled_the_next_run_finishes_it(self):
        # Who signs, products, disable, create, addresses, last use, events, delete.
        for at in range(8):
            with self.subTest(at=at):
                self.simulate_anew()
                # SDKs and commands try again a few times.
                self.world.simulator.faults = [None] * at + [(400, "Throttling.User")] * 8
                ran = self.world.run()
                self.assertEqual(ran.code, 1, ran.said)
                self.assertIn("Throttling.User", ran.said)
                self.world.simulator.faults = []
                self.well(self.world.run())
                self.assertEqual(self.world.calls(), ["UpdateAccessKey", "CreateAccessKey", "DeleteAccessKey"])
                self.is_closed()

    def simulate_anew(self):
        self.tearDown()
        self.setUp()

    def test_where_somebody_stops_the_next_run_goes_on(self):
        for runs in range(1, 8):
            with self.subTest(runs=runs):
                self.simulate_anew()
                ran = self.world.run(run=["y"] * (runs - 1) + ["q"])
                self.assertEqual(ran.code, 1)
                self.well(self.world.run())
                self.is_closed()

    def test_a_key_that_nobody_knew_of_makes_room_if_nothing_uses_it(self):
        spare = self.account.add_key("etl")
        ran = self.well(self.world.run())
        self.assertIn(f"In the way is {spare['AccessKeyId']}.", ran.said)
        self.assertEqual(
            self.world.calls(), ["UpdateAccessKey", "UpdateAccessKey", "DeleteAccessKey", "CreateAccessKey", "DeleteAccessKey"]
        )
        self.is_closed()

    def test_a_key_that_nobody_knew_of_stays_if_it_is_used_and_the_way_on_is_told(self):
        spare = self.account.add_key("etl")
        ran = self.world.run(used="yes")
        self.assertEqual(ran.code, 1)
        for said in ("LimitExceeded.User.AccessKey", f"In the way is {spare['AccessKeyId']}.", "answer a to the command that makes a key"):
            self.assertIn(said, ran.said)
        self.assertEqual(self.world.keys_of("etl"), {self.leaked["AccessKeyId"]: "Inactive", spare["AccessKeyId"]: "Active"})
        # A user was made by hand: not made, looked at, deleted.
        self.well(self.world.run(run=["a", "y", "y"]))
        self.assertEqual(self.world.keys_of("etl"), {spare["AccessKeyId"]: "Active"})

    def test_a_key_that_is_gone_already_is_no_obstacle(self):
        self.account.users["etl"]["keys"].remove(self.leaked)
        ran = self.well(self.world.run())
        self.assertIn("No such key is here", ran.said)
        self.is_closed()

    def test_a_key_that_is_not_gone_is_not_taken_for_it(self):
        self.account.users["report"]["keys"].append(self.leaked)
        self.account.users["etl"]["keys"].remove(self.leaked)
        ran = self.world.run(gone="no")
        self.assertEqual(ran.code, 1)
        self.assertIn("the key is of another user", ran.said)
        self.assertEqual(self.world.calls(), [])

    def test_the_leaked_key_signs_nothing(self):
        self.world.signer = self.leaked
        ran = self.world.run()
        self.assertEqual(ran.code, 1)
        self.assertIn("is a leaked key", ran.said)
        self.assertEqual(self.world.calls(), [])

    def test_who_has_no_right_changes_nothing(self):
        self.world.signer = self.world.other
        ran = self.world.run(run="y")
        self.assertEqual(ran.code, 1)
        self.assertIn("NoPermission", ran.said)
        self.assertEqual(self.world.calls(), [])

    def test_secrets_stay_where_they_belong(self):
        with Processes() as processes:
            ran = self.well(self.world.run())
        (new,) = self.account.users["etl"]["keys"]
        self.assertNotIn(new["AccessKeySecret"], ran.said)
        # What the account made and what leaked; who signs is in the environment of the command, as it has to be.
        self.assertTrue(processes.seen or not os.path.isdir("/proc/self"))
        for key in (self.leaked, new):
            self.assertFalse(any(key["AccessKeySecret"].encode() in seen for seen in processes.seen))
        holding = subprocess.run(["grep", "-rlF", new["AccessKeySecret"], self.world.folder], capture_output=True, text=True, check=False).stdout.split()
        self.assertEqual(len(holding), 1)
        self.assertRegex(holding[0], r"/new-key-[0-9a-f]{32}\.json$")
        self.assertEqual(os.stat(holding[0]).st_mode & 0o777, 0o600)
        for made in ("close.sh", "close.sh.state", "report.json"):
            text = (self.world.folder / made).read_text()
            for key in (self.leaked, new, self.world.administrator):
                self.assertNotIn(key["AccessKeySecret"], text)


class TwoKeys(Plan):
    """A key whose user has no room for another."""

    def test_room_is_made_before_a_key_is_created(self):
        spare = self.account.add_key("etl", status="Inactive")
        self.world.leak(self.leaked, pushed=True)
        self.finding(self.world.scan([etl(self.leaked), etl(spare, "inactive")]), "disable-first")
        self.assertIn("Make room for a second key", (self.world.folder / "close.sh").read_text())
        self.well(self.world.run())
        self.assertEqual(self.world.calls(), ["UpdateAccessKey", "DeleteAccessKey", "CreateAccessKey", "DeleteAccessKey"])
        self.assertEqual(self.account.find(spare["AccessKeyId"]), (None, None))
        self.is_closed()

    def test_one_that_turns_out_to_be_in_use_stays_and_works(self):
        other = self.account.add_key("etl")
        self.world.leak(self.leaked, pushed=True)
        self.finding(self.world.scan([etl(self.leaked), etl(other)]), "disable-first")
        ran = self.well(self.world.run(other="yes", NEW_USER_NAME="etl-2"))
        self.assertIn("Wait a day", ran.said)
        self.assertEqual(self.world.keys_of("etl"), {other["AccessKeyId"]: "Active"})
        self.assertEqual(list(self.world.keys_of("etl-2").values()), ["Active"])
        self.assertEqual(self.account.users["etl-2"]["policies"], [{"PolicyType": "System", "PolicyName": "AliyunOSSReadOnlyAccess"}])

    def test_one_that_is_known_to_be_in_use_is_never_disabled(self):
        other = self.account.add_key("etl")
        self.world.leak(self.leaked, pushed=False)
        self.finding(self.world.scan([etl(self.leaked), etl(other)]), "rotate-first")
        # List, last use; not disabled, not watched; nothing to enable.
        ran = self.world.run(run=["y", "y", "a", "a", "a"], other="yes", NEW_USER_NAME="etl-2")
        self.well(ran)
        self.assertTrue(all(call["works"]["etl"] >= 1 for call in self.account.history))
        self.assertNotIn(other["AccessKeyId"], [call["parameters"].get("UserAccessKeyId") for call in self.account.history])
        self.assertEqual(self.world.keys_of("etl"), {other["AccessKeyId"]: "Active"})

    def test_one_that_leaked_as_well_is_not_made_live_again(self):
        other = self.account.add_key("etl")
        self.world.leak(self.leaked, pushed=True)
        self.world.commit("conf/other.yaml", pair(other))
        report = self.world.scan([etl(self.leaked), etl(other)])
        self.assertEqual([[key["exposed"] for key in finding["other_keys"]] for finding in report["findings"]], [[True], [True]])
        steps = [step["id"] for finding in report["findings"] for step in finding["recommendation"]["steps"]]
        self.assertFalse([step for step in steps if step.endswith("-other")])


class BothKeys(Plan):
    """Both keys of a user leaked."""

    def setUp(self):
        super().setUp()
        self.twin = self.account.add_key("etl")
        self.ids = {key["AccessKeyId"] for key in (self.leaked, self.twin)}

    def leak_both(self, pushed):
        self.world.leak(self.leaked, pushed=False)
        self.world.commit("conf/twin.yaml", pair(self.twin))
        if pushed:
            self.world.push()

    def changes(self, kind):
        return [call["parameters"].get("UserAccessKeyId") for call in self.account.history if call["action"] == kind]

    def close_both(self, records, known, **answers):
        self.leak_both(pushed=True)
        self.world.scan(records)
        self.world.write_script()
        self.well(self.world.run(**answers))
        # Both are closed before anything else, and each goes by its own steps.
        expected = ["UpdateAccessKey", "UpdateAccessKey", "DeleteAccessKey", "CreateAccessKey", "DeleteAccessKey", "CreateAccessKey"]
        self.assertEqual(self.world.calls(), expected)
        self.assertEqual(set(self.changes("UpdateAccessKey")), self.ids)
        self.assertEqual(set(self.changes("DeleteAccessKey")), self.ids)
        called = self.world.called()
        for key_id in self.ids:
            looked = [at for at, call in enumerate(called) if "LookupEvents" in call and key_id in call]
            deleted = [at for at, call in enumerate(called) if "DeleteAccessKey" in call and key_id in call]
            # Where nobody knew that there are two, a new key is refused before that, and the leaked one has to make room.
            self.assertLess(max(looked), min(deleted) if known else len(called))
        keys = self.world.keys_of("etl")
        self.assertEqual(list(keys.values()), ["Active", "Active"])
        self.assertFalse(self.ids & set(keys))

    def test_both_are_closed_before_either_is_replaced(self):
        self.close_both([etl(self.leaked), etl(self.twin)], known=True)

    def test_so_are_those_of_a_user_who_is_found_out_on_the_way(self):
        self.close_both([], known=False, USER_NAME="etl")

    def test_those_that_must_not_fail_move_to_users_of_their_own(self):
        self.leak_both(pushed=False)
        self.world.scan([etl(self.leaked), etl(self.twin)])
        self.world.write_script()
        self.well(self.world.run(NEW_USER_NAME=["etl-2", "etl-3"]))
        self.assertEqual(self.world.keys_of("etl"), {})
        self.assertEqual([list(self.world.keys_of(name).values()) for name in ("etl-2", "etl-3")], [["Active"]] * 2)
        # A user has a key of its own before the leaked one is disabled.
        kinds = [action for action in self.world.calls() if action in ("CreateAccessKey", "UpdateAccessKey", "DeleteAccessKey")]
        self.assertEqual(kinds, ["CreateAccessKey", "UpdateAccessKey", "DeleteAccessKey"] * 2)

    def test_wherever_it_stops_the_next_run_finishes_it(self):
        self.leak_both(pushed=True)
        self.world.scan([])
        self.world.write_script()
        for stop in range(3, 30, 4):
            self.world.run(USER_NAME="etl", run=["y"] * (stop % 7) + ["q"])
        self.well(self.world.run(USER_NAME="etl"))
        self.assertEqual(set(self.changes("DeleteAccessKey")), self.ids)
        self.assertEqual(list(self.world.keys_of("etl").values()), ["Active", "Active"])


class WrongNames(Plan):
    """A name that was given wrong."""

    def test_it_is_asked_for_again(self):
        self.world.leak(self.leaked, pushed=True)
        self.finding(self.world.scan([]), "identify")
        ran = self.world.run(USER_NAME="elt")
        self.assertEqual(ran.code, 1)
        self.assertIn("EntityNotExist.User", ran.said)
        self.well(self.world.run(USER_NAME="etl"))
        self.is_closed()


class RotateFirst(Plan):
    """A key that works and has not left the machine; or one that must not fail."""

    def test_its_user_is_never_without_a_key_that_works(self):
        self.world.leak(self.leaked, pushed=False)
        self.finding(self.world.scan([etl(self.leaked)]), "rotate-first")
        self.well(self.world.run())
        self.assertEqual(self.world.calls(), ["CreateAccessKey", "UpdateAccessKey", "DeleteAccessKey"])
        self.assertTrue(all(call["works"]["etl"] >= 1 for call in self.account.history))
        self.is_closed()

    def test_it_can_be_chosen_for_what_was_pushed(self):
        self.world.leak(self.leaked, pushed=True)
        self.finding(self.world.scan([etl(self.leaked)], "--strategy", "rotate-first"), "rotate-first")
        self.well(self.world.run())
        self.assertTrue(all(call["works"]["etl"] >= 1 for call in self.account.history))
        self.is_closed()

    def test_wherever_it_stops_its_user_has_a_key_that_works(self):
        for at in range(7):
            with self.subTest(at=at):
                self.tearDown()
                self.setUp()
                self.world.leak(self.leaked, pushed=False)
                self.finding(self.world.scan([etl(self.leaked)]), "rotate-first")
                self.world.simulator.faults = [None] * at + [(503, "ServiceUnavailable")] * 8
                self.world.run()
                self.assertIn("Active", self.world.keys_of("etl").values())
                self.world.simulator.faults = []
                self.well(self.world.run())
                self.is_closed()


class OtherPlans(Plan):
    """The rest of the table."""

    def test_a_key_that_is_disabled_is_deleted(self):
        self.leaked["Status"] = "Inactive"
        self.account.add_key("etl")
        self.world.leak(self.leaked, pushed=True)
        self.finding(self.world.scan([etl(self.leaked, "inactive")]), "delete")
        self.well(self.world.run(works="no"))
        self.assertEqual(self.world.calls(), ["DeleteAccessKey"])
        self.is_closed()

    def test_a_key_that_is_enabled_again_is_disabled_before_it_is_deleted(self):
        self.account.add_key("etl")
        self.world.leak(self.leaked, pushed=True)
        self.finding(self.world.scan([etl(self.leaked, "inactive")]), "delete")
        ran = self.well(self.world.run())
        self.assertIn('"Status": "Active"', ran.said)
        self.assertEqual(self.world.calls(), ["UpdateAccessKey", "DeleteAccessKey"])
        self.is_closed()

    def test_a_known_users_key_that_turns_out_to_be_disabled_is_checked_and_deleted(self):
        self.leaked["Status"] = "Inactive"
        self.account.add_key("etl")
        self.world.leak(self.leaked, pushed=True)
        self.finding(self.world.scan([etl(self.leaked, None)]), "identify")
        ran = self.well(self.world.run(works="no"))
        self.assertTrue(any("LookupEvents" in call for call in self.world.called()))
        self.assertIn("It is done when all of this holds", ran.said)
        self.assertEqual(self.world.calls(), ["DeleteAccessKey"])
        self.is_closed()

    def test_a_key_of_unknown_state_is_looked_up_first(self):
        self.world.leak(self.leaked, pushed=True)
        self.finding(self.world.scan([]), "identify")
        ran = self.well(self.world.run(USER_NAME="etl"))
        self.assertIn('"UserName": "etl"', ran.said)
        self.is_closed()

    def test_a_key_that_turns_out_to_be_the_primary_accounts_is_its_own_to_disable(self):
        root = self.account.add_key(None)
        self.world.leak(root, pushed=True)
        self.finding(self.world.scan([]), "identify")
        # Signed by a user, the script calls nothing on it.
        ran = self.well(self.world.run(primary="yes"))
        self.assertIn("The primary account itself does not sign here", ran.said)
        self.assertEqual((self.world.calls(), root["Status"]), ([], "Active"))
        (self.world.folder / "close.sh.state").unlink()
        self.world.signer = self.account.add_key(None)
        self.well(self.world.run(primary="yes"))
        self.assertEqual(root["Status"], "Inactive")
        self.assertEqual([call["action"] for call in self.account.history], ["UpdateAccessKey"])
        # The next plan is what this one says, from the list that this one asks for.
        listed = self.world.line("aliyun ims ListAccessKeys > root.json")
        self.assertEqual(listed.returncode, 0, listed.stderr)
        for command in (["inventory", "import", "root.json", "--store", "keys.db"], ["scan", "repository", "--inventory", "keys.db", "--output", "json=report.json"]):
            subprocess.run([AKSCAN, *command], cwd=self.world.folder, capture_output=True, check=False)
        self.finding(json.loads((self.world.folder / "report.json").read_text()), "delete")
        for name in ("close.sh.state", "called"):
            (self.world.folder / name).unlink()
        self.well(self.world.run(works="no"))
        self.assertEqual(self.account.find(root["AccessKeyId"]), (None, None))

    def test_somebody_elses_key_is_not_touched(self):
        self.world.leak(self.leaked, pushed=True)
        self.finding(self.world.scan([]), "identify")
        self.well(self.world.run(yours="no"))
        self.assertEqual(self.account.shown(), self.before)

    def test_a_user_is_named_by_the_logon_name_where_that_is_all_there_is(self):
        self.world.leak(self.leaked, pushed=True)
        logon = {"owner_type": "ram-user", "user_principal_name": "etl@example.onaliyun.com"}
        self.finding(self.world.scan([record(self.leaked, "active", **logon)]), "disable-first")
        self.well(self.world.run())
        self.is_closed()

    def test_the_workload_of_a_primary_account_moves_to_a_user(self):
        root, spare = self.account.add_key(None), self.account.add_key(None)
        self.world.leak(root, pushed=True)
        self.finding(self.world.scan([record(root, "active", owner_type="primary", **used_with("Oss"))]), "disable-first")
        self.world.signer = spare
        self.well(self.world.run(NEW_USER_NAME="etl-2"))
        self.assertEqual([key["AccessKeyId"] for key in self.account.root_keys], [spare["AccessKeyId"]])
        made = self.account.users["etl-2"]
        self.assertEqual([key["Status"] for key in made["keys"]], ["Active"])
        self.assertEqual(made["policies"], [{"PolicyType": "System", "PolicyName": "AliyunOSSReadOnlyAccess"}])
        self.assertEqual(self.account.shown()["users"]["etl"], self.before["users"]["etl"])

    def test_the_sessions_of_a_role_are_cut_short(self):
        policies = [{"PolicyType": "System", "PolicyName": "AliyunOSSFullAccess"}, {"PolicyType": "Custom", "PolicyName": "etl"}]
        trust = '{"Statement": [{"Principal": {"Service": ["ecs.aliyuncs.com"]}}]}'
        role = {"trust": trust, "longest": 43200, "policies": list(policies)}
        self.account.roles["etl-role"] = copy.deepcopy(role)
        thief = self.account.add_session("etl-role")
        self.world.commit("session.json", token_of(self.leaked))
        self.world.push()
        self.finding(self.world.scan([]), "expire")
        # Somebody stops after the first policy is off, and after the role is gone.
        for run in (["y", "y", "y", "y", "q"], ["y", "y", "q"]):
            self.assertEqual(self.world.run(ROLE_NAME="etl-role", run=run).code, 1)
        self.assertEqual(self.account.roles, {})
        self.well(self.world.run(ROLE_NAME="etl-role"))
        calls = ["DetachPolicyFromRole", "DetachPolicyFromRole", "DeleteRole", "CreateRole", "AttachPolicyToRole", "AttachPolicyToRole"]
        self.assertEqual(self.world.calls(), calls)
        self.assertEqual(self.account.roles, {"etl-role": role})
        self.assertNotIn(thief["AccessKeyId"], self.account.sessions)

    def test_a_role_is_left_alone_where_its_session_may_live_until_its_end(self):
        self.account.roles["etl-role"] = {"trust": "{}", "longest": 3600, "policies": []}
        self.before = self.account.shown()
        self.world.commit("session.json", token_of(self.leaked))
        self.world.push()
        self.finding(self.world.scan([]), "expire")
        self.well(self.world.run(late="no"))
        self.assertEqual(self.account.shown(), self.before)

    def record_calls(self, calls):
        """Calls by the leaked key, so many."""
        who = {"accessKeyId": self.leaked["AccessKeyId"]}
        self.account.events = [{"eventName": f"Call{number}", "eventTime": "2026-03-02T00:00:00Z", "userIdentity": who} for number in range(calls)]

    def test_what_was_done_with_a_key_is_looked_at_before_it_is_deleted_and_to_the_last_page(self):
        self.record_calls(120)
        self.world.leak(self.leaked, pushed=True)
        self.finding(self.world.scan([etl(self.leaked)]), "disable-first")
        ran = self.well(self.world.run(another=["y", "n", "n"], LOG_REGION=["cn-hangzhou", "eu-central-1"]))
        self.assertIn('"Call119"', ran.said)
        actions = [call.split()[1] for call in self.world.called()]
        self.assertLess(max(at for at, action in enumerate(actions) if action == "LookupEvents"), actions.index("DeleteAccessKey"))
        regions = [call.split("--region ")[1].split()[0] for call in self.world.called() if "LookupEvents" in call]
        self.assertEqual(regions, ["cn-hangzhou"] * 3 + ["eu-central-1"] * 3)

    def test_what_needs_something_that_nobody_knows_can_be_left_out(self):
        self.world.leak(self.leaked, pushed=True)
        self.finding(self.world.scan([record(self.leaked, "active", owner_type="ram-user", user_name="etl")]), "disable-first")
        ran = self.world.run(give="q")
        self.assertEqual(ran.code, 1)
        self.assertIn("Stopped: as you said", ran.said)
        self.assertNotIn(", the code of the product", ran.said)
        ran = self.well(self.world.run(give="a"))
        self.assertFalse([call for call in self.world.called() if "GetAccessKeyLastUsedIps" in call or "LookupEvents" in call])
        self.is_closed()

    def test_where_it_cannot_be_told_whether_there_is_more_somebody_is_asked(self):
        self.record_calls(60)
        self.world.leak(self.leaked, pushed=True)
        self.finding(self.world.scan([etl(self.leaked)]), "disable-first")
        command = self.world.command / "aliyun"
        command.rename(self.world.command / "indented")
        command.write_text("#!/bin/sh\nanswer=$(indented \"$@\") || exit\nprintf '%s\\n' \"$answer\" | tr -d '\\n\\t'\n")
        command.chmod(0o755)
        asked = r"Whether that is all cannot be told(.|\n)*\[d\] all of it  \[q\] stop: "
        ran = self.world.run(seen="q")
        self.assertEqual(ran.code, 1, ran.said)
        self.assertRegex(ran.said, asked)
        self.assertNotIn("list-dependants", (self.world.folder / "close.sh.state").read_text())
        self.assertRegex(self.well(self.world.run()).said, asked)
        self.is_closed()

    def test_what_was_done_with_a_key_that_is_gone_is_looked_at(self):
        self.account.users["etl"]["keys"].remove(self.leaked)
        self.world.leak(self.leaked, pushed=True)
        self.finding(self.world.scan([etl(self.leaked, "deleted")]), "clean-up")
        self.well(self.world.run())
        self.assertTrue(any(call.startswith("actiontrail LookupEvents ") for call in self.world.called()))


class Script(Plan):
    """The script as a text."""

    def test_shellcheck_finds_nothing(self):
        self.world.leak(self.leaked, pushed=True)
        for records in ([etl(self.leaked)], [], [etl(self.leaked, "inactive")], [record(self.leaked, "active", owner_type="primary")]):
            self.world.scan(records)
            self.world.write_script()
            command = [os.path.join(os.environ["TOOLS"], "bin/shellcheck"), "--shell=sh", str(self.world.folder / "close.sh")]
            checked = subprocess.run(command, capture_output=True, text=True, check=False)
            self.assertEqual(checked.returncode, 0, checked.stdout)


del Plan
