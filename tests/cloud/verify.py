"""What `akscan verify` asks: each signature is computed anew by the simulator, with Alibaba Cloud's own signer."""

import contextlib
import json
import os
import socket
import ssl
import subprocess
import threading
import unittest

import trustme

from account import ACCOUNT_ID, made_up
from simulator import Simulator
from world import AKSCAN, World


class Verify(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.account = self.world.account
        self.simulator = self.world.simulator
        self.key = self.world.user("etl", "AliyunOSSReadOnlyAccess")

    def tearDown(self):
        self.world.close()

    def leak(self, *keys):
        for number, key in enumerate(keys):
            token = f"securityToken: {key['SecurityToken']}\n" if "SecurityToken" in key else ""
            text = f"accessKeyId: {key['AccessKeyId']}\naccessKeySecret: {key['AccessKeySecret']}\n{token}"
            self.world.commit(f"conf/{number}.yaml", text)
        self.world.scan([])

    def verify(self, *options, code, endpoint=None, **environment):
        """The report of a run that must end with this code, and what was said beside it."""
        endpoint = endpoint or f"http://{self.simulator.address}"
        words = [AKSCAN, "verify", str(self.world.folder / "report.json"), "--format", "json", "--rate", "1000", "--endpoint", endpoint]
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.world.folder), **environment}
        ran = subprocess.run([*words, *options], cwd=self.world.repository, env=environment, capture_output=True, text=True, check=False)
        self.assertEqual(ran.returncode, code, ran.stdout + ran.stderr)
        report = json.loads(ran.stdout)
        return {finding["access_key_id"]: finding for finding in report["findings"]}, ran.stdout + ran.stderr

    def status(self, *options, key=None, code=1, **environment):
        findings, _ = self.verify(*options, code=code, **environment)
        return findings[(key or self.key)["AccessKeyId"]]["status"]

    def test_a_key_that_works_is_active_and_its_owner_known(self):
        self.leak(self.key)
        findings, said = self.verify(code=1)
        finding = findings[self.key["AccessKeyId"]]
        self.assertEqual((finding["status"], finding["severity"]), ("active", "critical"))
        self.assertEqual(finding["owner"]["account_id"], ACCOUNT_ID)
        self.assertEqual((finding["owner"]["type"], finding["owner"]["user_name"]), ("ram-user", "etl"))
        self.assertEqual(self.simulator.signed, [("V3", self.key["AccessKeyId"])])
        self.assertEqual(self.simulator.refused, [])
        self.assertNotIn(self.key["AccessKeySecret"], said)

    def test_a_key_of_the_primary_account_is_told(self):
        key = self.account.add_key(None)
        self.leak(key)
        findings, _ = self.verify(code=1)
        self.assertEqual(findings[key["AccessKeyId"]]["owner"]["type"], "primary")

    def test_a_gateway_of_the_time_before_v3_gets_v1(self):
        self.simulator.is_old = True
        session = self.account.add_session()
        self.leak(self.key, session)
        self.verify(code=1)
        self.assertEqual(sorted(self.simulator.signed), sorted([("V1", self.key["AccessKeyId"]), ("V1", session["AccessKeyId"])]))

    def test_a_disabled_key_is_inactive_and_a_deleted_one_deleted(self):
        self.leak(self.key)
        self.key["Status"] = "Inactive"
        self.assertEqual(self.status(), "inactive")
        self.account.users["etl"]["keys"].clear()
        self.assertEqual(self.status(code=0), "deleted")

    def test_a_wrong_secret_of_a_key_that_works_is_told_by_either_signature(self):
        self.leak(self.key)
        self.key["AccessKeySecret"] = made_up("", 30)
        for self.simulator.is_old in (False, True):
            findings, said = self.verify(code=1)
            finding = findings[self.key["AccessKeyId"]]
            self.assertEqual(finding["status"], "active", said)
            self.assertIn("knows this ID with another secret", " ".join(finding["evidence"]))
        self.assertEqual(self.simulator.signed, [])

    def test_temporary_credentials_sign_with_their_token_until_they_expire(self):
        session = self.account.add_session()
        self.leak(session)
        self.assertEqual(self.status(key=session), "active")
        session["expired"] = True
        self.assertEqual(self.status(key=session, code=0), "expired")

    def test_through_faults_every_key_is_asked_about(self):
        keys = [self.key] + [self.world.user(f"user-{number}", "AliyunOSSReadOnlyAccess") for number in range(24)]
        for key in keys[::3]:
            key["Status"] = "Inactive"
        self.leak(*keys)
        self.simulator.faults = [fault for _ in keys for fault in ((429, "Throttling.User"), (503, "ServiceUnavailable"), None)]
        findings, _ = self.verify(code=1)
        self.assertEqual({key["AccessKeyId"]: key["Status"].lower() for key in keys}, {name: finding["status"] for name, finding in findings.items()})

    def test_the_roots_of_a_network_are_trusted_where_they_are_named(self):
        authority = trustme.CA()
        roots = self.world.folder / "roots.pem"
        authority.cert_pem.write_to_path(str(roots))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(context)
        simulator = Simulator(tls=context)
        simulator.account = self.account
        endpoint = f"https://localhost:{simulator.server_address[1]}"
        self.leak(self.key)
        try:
            self.assertEqual(self.status("--ca-file", str(roots), endpoint=endpoint), "active")
            # As the system's own.
            self.assertEqual(self.status(endpoint=endpoint, SSL_CERT_FILE=str(roots)), "active")
            findings, said = self.verify("--fail-on", "critical", code=3, endpoint=endpoint)
            self.assertIn("its certificate is not trusted", said)
            self.assertEqual(findings[self.key["AccessKeyId"]]["status"], "unlisted")
            proxy = Proxy()
            self.assertEqual(self.status("--ca-file", str(roots), endpoint=endpoint, HTTPS_PROXY=proxy.address), "active")
            self.assertEqual(proxy.asked, [f"CONNECT localhost:{simulator.server_address[1]} HTTP/1.1"])
            self.assertEqual(self.status("--ca-file", str(roots), endpoint=endpoint, HTTPS_PROXY=proxy.address, NO_PROXY="localhost"), "active")
            self.assertEqual(len(proxy.asked), 1)
        finally:
            simulator.shutdown()
            simulator.server_close()


class Proxy:
    """Passes on what it is asked to connect to."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.asked = []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            client, _ = self.listener.accept()
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += client.recv(1)
            line = head.decode().split("\r\n")[0]
            self.asked.append(line)
            host, _, port = line.split(" ")[1].rpartition(":")
            server = socket.create_connection((host, int(port)))
            client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            for one, other in ((client, server), (server, client)):
                threading.Thread(target=self.pass_on, args=(one, other), daemon=True).start()

    @staticmethod
    def pass_on(one, other):
        # Either side may leave first.
        with contextlib.suppress(OSError):
            while more := one.recv(65536):
                other.sendall(more)
            other.shutdown(socket.SHUT_WR)
