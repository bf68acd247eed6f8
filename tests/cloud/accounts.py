"""Keys of two accounts in one plan: each account's are closed by whoever signs for it, and the others' are left alone."""

import json
import unittest

from account import ACCOUNT_ID, Account
from world import World, etl, pair

OTHER_ID = "6543210987654321"
CLOSING = ["UpdateAccessKey", "CreateAccessKey", "DeleteAccessKey"]


class Accounts(unittest.TestCase):
    """Two accounts, each with an administrator and a RAM user `etl` whose key leaked."""

    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)
        self.other = Account(OTHER_ID)
        self.world.simulator.others.append(self.other)
        self.administrators = {ACCOUNT_ID: self.world.administrator, OTHER_ID: self.world.user("admin", "AdministratorAccess", self.other)}
        # Of users of the same name, so that nothing but who signs tells them apart.
        self.leaked = {
            account.account_id: self.world.user("etl", "AliyunOSSReadOnlyAccess", account) for account in (self.world.account, self.other)
        }
        for number, key in enumerate(self.leaked.values()):
            self.world.commit(f"conf/{number}.yaml", pair(key))
        self.world.push()

    def plan(self, records, strategies):
        report = self.world.scan(records)
        self.assertEqual([finding["recommendation"]["strategy"] for finding in report["findings"]], strategies)
        self.world.write_script()

    def run_by(self, account_id, **answers):
        self.world.signer = self.administrators[account_id]
        return self.world.run(**answers)

    def assert_closed(self, account):
        """Its key is gone and another works, by its own administrator and nobody else."""
        self.assertEqual([call["action"] for call in account.history], CLOSING)
        signers = {call["signed_by"] for call in account.history}
        self.assertEqual(signers, {self.administrators[account.account_id]["AccessKeyId"]})
        (key,) = account.users["etl"]["keys"]
        self.assertEqual(key["Status"], "Active")
        self.assertNotEqual(key["AccessKeyId"], self.leaked[account.account_id]["AccessKeyId"])


class TwoAccounts(Accounts):
    """Keys whose account is known."""

    def setUp(self):
        super().setUp()
        self.plan([{**etl(key), "account_id": account_id} for account_id, key in self.leaked.items()], ["disable-first"] * 2)

    def close_both(self, first, second):
        ran = self.run_by(first.account_id)
        self.assertEqual(ran.code, 1, ran.said)
        self.assertIn(f"Skipped: the key is of account {second.account_id}, and account {first.account_id} signs.", ran.said)
        self.assertIn(f"Left are keys of account {second.account_id}: sign with a profile of account {second.account_id}", ran.said)
        self.assert_closed(first)
        self.assertEqual(second.history, [])
        # Again, it changes nothing.
        self.assertEqual(self.run_by(first.account_id).code, 1)
        ran = self.run_by(second.account_id)
        self.assertEqual(ran.code, 0, ran.said)
        self.assertIn("All steps are done.", ran.said)
        self.assert_closed(first)
        self.assert_closed(second)

    def test_each_is_closed_by_who_signs_for_it(self):
        self.close_both(self.world.account, self.other)

    def test_either_may_come_first(self):
        self.close_both(self.other, self.world.account)

    def test_who_signs_for_neither_changes_nothing(self):
        stranger = Account("9999999999999999")
        self.world.simulator.others.append(stranger)
        self.administrators[stranger.account_id] = self.world.user("admin", "AdministratorAccess", stranger)
        ran = self.run_by(stranger.account_id)
        self.assertEqual(ran.code, 1, ran.said)
        for account in (self.world.account, self.other):
            self.assertIn(f"Skipped: the key is of account {account.account_id}, and account 9999999999999999 signs.", ran.said)
            self.assertEqual(account.history, [])


class WhoseItIs(Accounts):
    """Keys whose account is found out: each account can tell only of its own."""

    NO_SUCH_KEY = "account {} does not have it"

    def close_both(self, refusal, question):
        """Each account is asked of both keys, and each key is closed by the one that has it."""
        key_ids = {key["AccessKeyId"]: account_id for account_id, key in self.leaked.items()}
        order = [key_ids[plan["names"]["access_key_id"]] for plan in json.loads(self.world.plan("json"))["keys"]]
        for signer, expected in ((ACCOUNT_ID, refusal), (OTHER_ID, 0)):
            # What the first has closed is not asked of again.
            answers = ["yes" if owner == signer else "no" for owner in order if signer == ACCOUNT_ID or owner != ACCOUNT_ID]
            ran = self.run_by(signer, USER_NAME="etl", **{question: answers})
            self.assertEqual(ran.code, expected, ran.said)
            if signer == ACCOUNT_ID:
                self.assertIn(self.NO_SUCH_KEY.format(signer), " ".join(ran.said.split()))
                self.assertNotIn("All steps are done", ran.said)
                self.assertEqual(self.other.history, [])
        self.assertIn("All steps are done", ran.said)
        self.assertNotIn(self.NO_SUCH_KEY.format(OTHER_ID), " ".join(ran.said.split()))
        self.assert_closed(self.world.account)
        self.assert_closed(self.other)

    def test_each_account_is_asked_whether_the_key_is_its_own(self):
        self.plan([], ["identify"] * 2)
        self.close_both(0, "yours")

    def test_each_account_is_asked_who_its_user_is(self):
        self.plan([{"access_key_id": key["AccessKeyId"], "status": "active"} for key in self.leaked.values()], ["disable-first"] * 2)
        self.close_both(1, "account")


del Accounts
