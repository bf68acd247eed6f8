"""Alibaba Cloud on the loopback interface, for tests. In: HTTP as the `aliyun` command and the SDKs send it. Out: the same
answers and errors as theirs.

Signatures (V1, HMAC-SHA1, and V3, ACS3-HMAC-SHA256) are computed anew with the signer of Alibaba's own SDK and compared;
time and nonce are checked. The account itself is account.py.
"""

import datetime
import http.server
import json
import threading
import time
import urllib.parse

from alibabacloud_tea_openapi.utils import Utils, get_canonical_query_string, get_canonicalized_headers
from darabonba.request import DaraRequest

from account import Account, Refused, made_up

MOST_SECONDS_OFF = 15 * 60
VERSIONS = {"2015-05-01": "ram", "2019-08-15": "ims", "2015-04-01": "sts", "2020-07-06": "actiontrail", "2018-12-03": "sas"}


class Simulator(http.server.ThreadingHTTPServer):
    """The service. `faults` is what the next calls meet instead of it: a status and a code each (no status: the connection is
    closed), or `None` for nothing. A function there is called before the answer."""

    def __init__(self, tls=None):
        super().__init__(("127.0.0.1", 0), Handler)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        self.account = Account()
        # Those beside it.
        self.others = []
        # Whether it is a gateway of the time before V3.
        self.is_old = False
        # Who signed, with which version.
        self.signed = []
        self.nonces = set()
        # How often anything was asked.
        self.asked = 0
        self.faults = []
        self.refused = []
        # The role that the metadata service knows, as if this machine were an ECS instance, and its tokens.
        self.instance_role = None
        self.metadata_tokens = set()
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        """A client that is killed leaves its connections in the middle of something."""

    def account_of(self, key_id):
        """The account whose key it is; the first, if it is nobody's."""
        return next((account for account in self.others if account.knows(key_id)), self.account)

    @property
    def address(self):
        return f"127.0.0.1:{self.server_address[1]}"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # An answer in one piece: headers alone would wait for the client's acknowledgement.
    wbufsize = -1

    def do_GET(self):
        self.answer()

    def do_POST(self):
        self.answer()

    def do_PUT(self):
        self.answer()

    def log_message(self, *_):
        pass

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked += 1
        if self.path.startswith("/latest/"):
            self.send(*self.metadata())
            return
        with self.server.lock:
            try:
                status, answer = 200, self.call(body)
            except Refused as refused:
                if not refused.status:
                    self.close_connection = True
                    return
                self.server.refused.append(refused.code)
                status = refused.status
                answer = {"HostId": self.headers.get("Host", ""), "Code": refused.code, "Message": refused.message, "Recommend": ""}
        answer = {"RequestId": made_up("", 32).upper(), **answer}
        self.send(status, json.dumps(answer).encode())

    def send(self, status, bytes_):
        self.send_response(status)
        self.send_header("Content-Type", "application/json;charset=utf-8")
        self.send_header("Content-Length", str(len(bytes_)))
        self.end_headers()
        self.wfile.write(bytes_)

    def metadata(self):
        """The metadata service of an instance in its hardened mode, where each question needs a token."""
        if (self.command, self.path) == ("PUT", "/latest/api/token") and self.headers.get("X-aliyun-ecs-metadata-token-ttl-seconds"):
            token = made_up("", 56)
            self.server.metadata_tokens.add(token)
            return 200, token.encode()
        if self.command != "GET" or self.headers.get("X-aliyun-ecs-metadata-token") not in self.server.metadata_tokens:
            return 403, b"<html>"
        folder, _, name = self.path.rpartition("/")
        role = self.server.instance_role
        if role is None or folder != "/latest/meta-data/ram/security-credentials" or name not in ("", role):
            return 404, b"<html>"
        with self.server.lock:
            return 200, json.dumps({"Code": "Success", **self.server.account.issued(role)}).encode() if name else role.encode()

    def call(self, body):
        split = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(split.query, keep_blank_values=True))
        form = {}
        if (self.headers.get("Content-Type") or "").startswith("application/x-www-form-urlencoded"):
            form = dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True))
        authorization = self.headers.get("Authorization") or ""
        if authorization.startswith("ACS3-HMAC-SHA256 ") and not self.server.is_old:
            signed = self.signed_v3(authorization, split.path, query, body)
            action, version, parameters = self.headers["x-acs-action"], self.headers["x-acs-version"], {**query, **form}
        else:
            signed = self.signed_v1({**query, **form})
            parameters = {name: value for name, value in {**query, **form}.items() if name not in COMMON}
            action, version = query.get("Action") or form.get("Action"), query.get("Version") or form.get("Version")
        if self.server.faults and (fault := self.server.faults.pop(0)):
            if not callable(fault):
                raise Refused(fault[0], fault[1], "A fault that the test asked for.")
            fault()
        product = VERSIONS.get(version)
        if product is None:
            raise Refused(400, "InvalidVersion", "Specified parameter Version is not valid.")
        return self.server.account_of(signed[1]["AccessKeyId"]).call(product, action, parameters, *signed)

    def signed_v1(self, parameters):
        """Who signed in the query: Signature V1."""
        given = dict(parameters)
        signature = given.pop("Signature", None)
        if "AccessKeyId" not in given:
            raise Refused(400, "MissingAccessKeyId", "AccessKeyId is mandatory for this action.")
        if signature is None or given.get("SignatureMethod") != "HMAC-SHA1":
            raise Refused(400, "IncompleteSignature", "The request signature does not conform to Aliyun standards.")
        account = self.server.account_of(given.get("AccessKeyId"))
        owner, key = account.caller(given.get("AccessKeyId"))
        if Utils.get_rpcsignature(given, self.command, key["AccessKeySecret"]) != signature:
            self.does_not_match(f"{self.command}&%2F&" + urllib.parse.quote(get_canonical_query_string(given), safe="~"))
        account.may_speak(key, given.get("SecurityToken"))
        self.server.signed.append(("V1", key["AccessKeyId"]))
        self.fresh(given.get("Timestamp"), given.get("SignatureNonce"))
        return owner, key

    def signed_v3(self, authorization, path, query, body):
        """Who signed in the header: Signature V3."""
        parts = dict(part.split("=", 1) for part in authorization.split(" ", 1)[1].split(","))
        account = self.server.account_of(parts.get("Credential"))
        owner, key = account.caller(parts.get("Credential"))
        names = parts.get("SignedHeaders", "").split(";")
        request = DaraRequest()
        request.method, request.pathname, request.query = self.command, path, query
        request.headers = {name: self.headers.get(name) for name in names}
        payload = Utils.hex_encode(Utils.hash(body, "ACS3-HMAC-SHA256"))
        if payload != self.headers.get("x-acs-content-sha256") or {"host", "x-acs-date", "x-acs-action"} - set(names):
            raise Refused(400, "IncompleteSignature", "The request signature does not conform to Aliyun standards.")
        if Utils.get_authorization(request, "ACS3-HMAC-SHA256", payload, key["AccessKeyId"], key["AccessKeySecret"]) != authorization:
            headers, signed = get_canonicalized_headers(request.headers)
            canonical = "\n".join([self.command, path, get_canonical_query_string(query), headers, signed, payload])
            self.does_not_match("ACS3-HMAC-SHA256\n" + Utils.hex_encode(Utils.hash(canonical.encode(), "ACS3-HMAC-SHA256")))
        token = self.headers.get("x-acs-security-token")
        account.may_speak(key, token if "x-acs-security-token" in names else None)
        self.server.signed.append(("V3", key["AccessKeyId"]))
        self.fresh(self.headers.get("x-acs-date"), self.headers.get("x-acs-signature-nonce"))
        return owner, key

    @staticmethod
    def does_not_match(string_to_sign):
        message = f"Specified signature is not matched with our calculation. server string to sign is:{string_to_sign}"
        raise Refused(400, "SignatureDoesNotMatch", message)

    def fresh(self, moment, nonce):
        """Refuses what is old, and what comes a second time."""
        try:
            then = datetime.datetime.strptime(moment, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc).timestamp()
        except (TypeError, ValueError):
            raise Refused(400, "IllegalTimestamp", "The input parameter Timestamp is not supported.") from None
        if abs(time.time() - then) > MOST_SECONDS_OFF:
            raise Refused(400, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")
        if not nonce or nonce in self.server.nonces:
            raise Refused(400, "SignatureNonceUsed", "Specified signature nonce was used already.")
        self.server.nonces.add(nonce)


COMMON = {
    "Action", "Version", "Format", "AccessKeyId", "Signature", "SignatureMethod", "SignatureVersion", "SignatureNonce",
    "SignatureType", "Timestamp", "RegionId", "SecurityToken",
}
