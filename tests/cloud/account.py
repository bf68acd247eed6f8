"""An Alibaba Cloud account in memory. In: an operation with its parameters, and who calls. Out: the answer, or an error.

RAM 2015-05-01, IMS 2019-08-15, STS 2015-04-01, ActionTrail 2020-07-06 and Security Center 2018-12-03, as far as plans and
inventories call them, with the documented quotas and error codes. Nothing here knows HTTP or signatures: that is simulator.py.
"""

import base64
import copy
import datetime
import json
import secrets
import string

ACCOUNT_ID = "1234567890123456"
DOMAIN = "example.onaliyun.com"
MOST_KEYS = 2
# How long a role's sessions last at most unless it says so.
SESSION_SECONDS = 3600
# Rights that everybody has.
FREE = {"sts:GetCallerIdentity"}
# What rights begin with, where that is not the product's name.
RIGHTS = {"ims": "ram", "sas": "yundun-aegis"}
# When keys were used, in milliseconds.
USED = 1680489600000


REPORT_HEADER = ",".join(
    [
        "user,user_creation_time,user_last_logon,password_exist,password_active,password_last_changed,password_next_rotation,mfa_active",
        *(f"access_key_{number}_{what}" for number in (1, 2) for what in ("exist", "active", "last_rotated", "last_used")),
    ]
)


class Refused(Exception):
    """An error of the service."""

    def __init__(self, status, code, message):
        super().__init__(code)
        self.status, self.code, self.message = status, code, message


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def made_up(prefix, length):
    alphabet = string.ascii_letters + string.digits
    return prefix + "".join(secrets.choice(alphabet) for _ in range(length))


class Account:
    """Users with their keys and policies, roles, the recycle bin, and what ActionTrail has recorded."""

    def __init__(self, account_id=ACCOUNT_ID):
        self.account_id = account_id
        self.users = {}
        self.root_keys = []
        # Where a key is, by ID: its user, or None for the primary account.
        self.places = {}
        self.roles = {}
        # Temporary credentials, by ID, and for how many calls new ones last: None for ever.
        self.sessions = {}
        self.sessions_last = None
        # The credential report once it is made, and how often one has to ask until it is.
        self.credential_report = None
        self.report_takes = 1
        self.report_page = 3501
        self.bin = []
        self.events = []
        # What Security Center has seen leaked, the newest first.
        self.leaks = []
        # After each call that changed something: who called what, and how many keys of each user work.
        self.history = []

    # What a test prepares and looks at.

    def add_user(self, name):
        number = 200_000_000_000_000_000 + len(self.users)
        self.users[name] = {"UserName": name, "UserId": str(number), "CreateDate": now(), "keys": [], "policies": []}

    def add_key(self, name, key_id=None, secret=None, status="Active"):
        """A key of a user, or with no name of the primary account."""
        key = {
            "AccessKeyId": key_id or made_up("LTAI5t", 18),
            "AccessKeySecret": secret or made_up("", 30),
            "Status": status,
            "CreateDate": now(),
            "LastUsedDate": "",
            "ServiceName": "",
            "restricted": False,
            # The products that it is used with, and with how many things of each; one where that is not said.
            "uses": [],
            "things": {},
        }
        (self.users[name]["keys"] if name else self.root_keys).append(key)
        self.places[key["AccessKeyId"]] = name
        return key

    def allow(self, name, *rights):
        """Gives rights to a user or a role, and takes all others."""
        (self.users.get(name) or self.roles.setdefault(name, {"trust": "{}", "policies": []}))["rights"] = set(rights)

    def add_session(self, role=None):
        """Temporary credentials: of a role, or of the primary account."""
        session = {
            "role": role,
            "lasts": self.sessions_last,
            "AccessKeyId": made_up("STS.NT", 22),
            "AccessKeySecret": made_up("", 44),
            "SecurityToken": "CAIS" + made_up("", 396),
            "Status": "Active",
            "restricted": False,
            "expired": False,
        }
        self.sessions[session["AccessKeyId"]] = session
        return session

    def find(self, key_id):
        """A key and the name of its user: `None` for the primary account."""
        # A test may have made a user's key one of the primary account.
        for owner in (self.places.get(key_id), None):
            for key in self.root_keys if owner is None else self.users.get(owner, {}).get("keys", []):
                if key["AccessKeyId"] == key_id:
                    return owner, key
        return None, None

    def knows(self, key_id):
        """Whether a key, or temporary credentials, are of this account."""
        return key_id in self.sessions or self.find(key_id)[1] is not None

    def shown(self):
        """Everything but secrets."""
        state = copy.deepcopy({"users": self.users, "root_keys": self.root_keys, "roles": self.roles, "bin": self.bin, "history": self.history})
        for key in state["root_keys"] + [key for user in state["users"].values() for key in user["keys"]]:
            del key["AccessKeySecret"], key["LastUsedDate"], key["ServiceName"]
        return state

    # Who calls.

    def caller(self, key_id):
        """The key that signs. Raises what the gateway answers where it does not work."""
        owner, key = self.find(key_id)
        if key is None and (key := self.sessions.get(key_id)):
            owner = key["role"]
        if key is None:
            raise Refused(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.")
        if key["Status"] != "Active":
            raise Refused(400, "InvalidAccessKeyId.Inactive", "Specified access key is disabled.")
        return owner, key

    def call(self, product, action, parameters, owner, key):
        """Carries out a call that was signed with a key that works."""
        if key["restricted"] and product in ("ram", "ims"):
            raise Refused(403, "Forbidden", "There is a risk of leakage of this AccessKey.")
        if not self.may(owner, f"{RIGHTS.get(product, product)}:{action}"):
            raise Refused(403, "NoPermission", "You are not authorized to do this action.")
        operation = getattr(self, f"{product}_{action}", None)
        if operation is None:
            raise Refused(404, "InvalidAction.NotFound", "Specified api is not found, please check your url and method.")
        if action.startswith(("Get", "List", "Lookup", "Assume", "Generate", "Describe")):
            return operation(parameters, owner)
        before = copy.deepcopy((self.users, self.root_keys, self.roles))
        answer = operation(parameters, owner)
        if before != (self.users, self.root_keys, self.roles):
            works = {name: sum(one["Status"] == "Active" for one in user["keys"]) for name, user in self.users.items()}
            self.history.append({"action": action, "parameters": parameters, "signed_by": key["AccessKeyId"], "works": works})
        return answer

    def may(self, owner, right):
        if owner is None or right in FREE:
            return True
        who = self.users.get(owner) or self.roles[owner]
        return right in who.get("rights", ()) or any(policy["PolicyName"] == "AdministratorAccess" for policy in who["policies"])

    # Parameters.

    def user(self, parameters, owner):
        """The user that is named, or else the caller: `None` is the primary account."""
        name = parameters.get("UserName")
        if not name and parameters.get("UserPrincipalName"):
            name, _, domain = parameters["UserPrincipalName"].partition("@")
            if domain != DOMAIN:
                raise Refused(404, "EntityNotExist.User", "The user does not exist.")
        name = name or owner
        if name is not None and name not in self.users:
            raise Refused(404, "EntityNotExist.User", "The user does not exist.")
        return name

    def keys(self, parameters, owner):
        name = self.user(parameters, owner)
        return self.root_keys if name is None else self.users[name]["keys"]

    def key(self, parameters, owner):
        for key in self.keys(parameters, owner):
            if key["AccessKeyId"] == parameters.get("UserAccessKeyId"):
                return key
        raise Refused(404, "EntityNotExist.User.AccessKey", "The AccessKey of user does not exist.")

    def role(self, parameters):
        role = self.roles.get(parameters.get("RoleName"))
        if role is None:
            raise Refused(404, "EntityNotExist.Role", "The role does not exist.")
        return role

    # RAM and IMS: keys.

    def ram_ListAccessKeys(self, parameters, owner):
        shown = ("AccessKeyId", "Status", "CreateDate")
        return {"AccessKeys": {"AccessKey": [{name: key[name] for name in shown} for key in self.keys(parameters, owner)]}}

    def ram_GetAccessKeyLastUsed(self, parameters, owner):
        key = self.key(parameters, owner)
        return {"AccessKeyLastUsed": {"LastUsedDate": key["LastUsedDate"], "ServiceName": key["ServiceName"]}}

    def ram_UpdateAccessKey(self, parameters, owner):
        if parameters.get("Status") not in ("Active", "Inactive"):
            raise Refused(400, "InvalidParameter.Status", "The Status is invalid.")
        self.key(parameters, owner)["Status"] = parameters["Status"]
        return {}

    def ram_DeleteAccessKey(self, parameters, owner):
        key, name = self.key(parameters, owner), self.user(parameters, owner)
        self.keys(parameters, owner).remove(key)
        dates = {"CreateDate": key["CreateDate"], "RecycleDate": now(), "DeleteDate": "2099-01-01T00:00:00Z"}
        self.bin.append({"AccessKeyId": key["AccessKeyId"], **dates, "of": name and self.users[name]["UserId"]})
        return {}

    def ims_ListAccessKeysInRecycleBin(self, parameters, _):
        if parameters.get("UserId") not in [user["UserId"] for user in self.users.values()]:
            raise Refused(404, "EntityNotExist.User", "The user does not exist.")
        keys = [{name: value for name, value in key.items() if name != "of"} for key in self.bin if key["of"] == parameters["UserId"]]
        return {"AccessKeys": {"AccessKey": keys}}

    def ram_CreateAccessKey(self, parameters, owner):
        if len(self.keys(parameters, owner)) >= MOST_KEYS:
            raise Refused(409, "LimitExceeded.User.AccessKey", "The count of AccessKey for user beyond the current limits.")
        key = self.add_key(self.user(parameters, owner))
        return {"AccessKey": {name: key[name] for name in ("AccessKeyId", "AccessKeySecret", "Status", "CreateDate")}}

    ims_ListAccessKeys = ram_ListAccessKeys
    ims_GetAccessKeyLastUsed = ram_GetAccessKeyLastUsed
    ims_UpdateAccessKey = ram_UpdateAccessKey
    ims_DeleteAccessKey = ram_DeleteAccessKey
    ims_CreateAccessKey = ram_CreateAccessKey

    # RAM and IMS: users.

    def page(self, items, parameters, most):
        start = int(parameters.get("Marker") or 0)
        end = start + min(int(parameters.get("MaxItems") or most), most)
        more = {"IsTruncated": True, "Marker": str(end)} if end < len(items) else {"IsTruncated": False}
        return items[start:end], more

    def ram_ListUsers(self, parameters, _):
        users, more = self.page(list(self.users.values()), parameters, 1000)
        shown = [{"UserName": user["UserName"], "UserId": user["UserId"], "CreateDate": user["CreateDate"]} for user in users]
        return {"Users": {"User": shown}, **more}

    def ims_ListUsers(self, parameters, _):
        users, more = self.page(list(self.users.values()), parameters, 1000)
        shown = [{"UserPrincipalName": f"{user['UserName']}@{DOMAIN}", "UserId": user["UserId"]} for user in users]
        return {"Users": {"User": shown}, **more}

    # IMS: the credential report. What it answers where there is none is not documented.

    def ims_GenerateCredentialReport(self, _, __):
        self.report_takes -= 1
        if self.report_takes < 0:
            self.credential_report = self.credential_report or {"GeneratedTime": now(), "rows": self.rows()}
            return {"State": "COMPLETED"}
        return {"State": "STARTED" if self.credential_report is None else "INPROGRESS"}

    def rows(self):
        def row(name, keys):
            flags = [["TRUE", str(key["Status"] == "Active").upper(), key["CreateDate"], key["LastUsedDate"] or "-"] for key in keys]
            flags += [["FALSE", "N/A", "N/A", "N/A"]] * (MOST_KEYS - len(keys))
            return ",".join([name, now(), "-", "FALSE", "N/A", "N/A", "N/A", "FALSE", *(flag for four in flags for flag in four)])

        users = [row(f"{user['UserName']}@{DOMAIN}", user["keys"]) for user in self.users.values()]
        return [row("<root>", self.root_keys), *users]

    def ims_GetCredentialReport(self, parameters, _):
        if self.credential_report is None:
            raise Refused(404, "EntityNotExist.CredentialReport", "The credential report does not exist.")
        rows, start = self.credential_report["rows"], int(parameters.get("NextToken") or 0)
        end = start + min(int(parameters.get("MaxItems") or self.report_page), self.report_page)
        more = {"IsTruncated": "true", "NextToken": str(end)} if end < len(rows) else {"IsTruncated": "false", "NextToken": ""}
        content = base64.b64encode("\n".join([REPORT_HEADER, *rows[start:end], ""]).encode()).decode()
        return {"GeneratedTime": self.credential_report["GeneratedTime"], "Content": content, **more}

    def ram_CreateUser(self, parameters, _):
        name = parameters.get("UserName") or ""
        if name in self.users:
            raise Refused(409, "EntityAlreadyExists.User", "The user does already exist.")
        self.add_user(name)
        return {"User": {"UserName": name, "UserId": self.users[name]["UserId"]}}

    def ram_DeleteUser(self, parameters, owner):
        user = self.users[self.user({"UserName": parameters.get("UserName")}, owner)]
        if user["keys"]:
            raise Refused(409, "DeleteConflict.User.AccessKey", "The user has AccessKeys.")
        if user["policies"]:
            raise Refused(409, "DeleteConflict.User.Policy", "The user has policies.")
        del self.users[user["UserName"]]
        return {}

    # RAM: policies and roles.

    def attach(self, policies, parameters):
        policy = {"PolicyType": parameters.get("PolicyType"), "PolicyName": parameters.get("PolicyName")}
        if policy["PolicyType"] not in ("System", "Custom"):
            raise Refused(400, "InvalidParameter.PolicyType", "The PolicyType is invalid.")
        if policy in policies:
            raise Refused(409, "EntityAlreadyExists.User.Policy", "The policy is attached already.")
        policies.append(policy)
        return {}

    def detach(self, policies, parameters):
        policy = {"PolicyType": parameters.get("PolicyType"), "PolicyName": parameters.get("PolicyName")}
        if policy not in policies:
            raise Refused(404, "EntityNotExist.User.Policy", "The policy is not attached.")
        policies.remove(policy)
        return {}

    def ram_AttachPolicyToUser(self, parameters, owner):
        return self.attach(self.users[self.user(parameters, owner)]["policies"], parameters)

    def ram_DetachPolicyFromUser(self, parameters, owner):
        return self.detach(self.users[self.user(parameters, owner)]["policies"], parameters)

    def ram_GetRole(self, parameters, _):
        role = self.role(parameters)
        shown = {"AssumeRolePolicyDocument": role["trust"], "MaxSessionDuration": role.get("longest", SESSION_SECONDS)}
        return {"Role": {"RoleName": parameters["RoleName"], **shown}}

    def ram_CreateRole(self, parameters, _):
        name = parameters.get("RoleName") or ""
        if name in self.roles:
            raise Refused(409, "EntityAlreadyExists.Role", "The role already exists.")
        longest = int(parameters.get("MaxSessionDuration") or SESSION_SECONDS)
        if not SESSION_SECONDS <= longest <= 43200:
            raise Refused(400, "InvalidParameter.MaxSessionDuration", "The MaxSessionDuration is invalid.")
        try:
            json.loads(parameters.get("AssumeRolePolicyDocument") or "")
        except ValueError:
            raise Refused(400, "MalformedPolicyDocument", "The policy document is malformed.") from None
        self.roles[name] = {"trust": parameters["AssumeRolePolicyDocument"], "longest": longest, "policies": []}
        return {"Role": {"RoleName": name}}

    def ram_ListPoliciesForRole(self, parameters, _):
        return {"Policies": {"Policy": self.role(parameters)["policies"]}}

    def ram_AttachPolicyToRole(self, parameters, _):
        return self.attach(self.role(parameters)["policies"], parameters)

    def ram_DetachPolicyFromRole(self, parameters, _):
        return self.detach(self.role(parameters)["policies"], parameters)

    def ram_DeleteRole(self, parameters, _):
        if self.role(parameters)["policies"]:
            raise Refused(409, "DeleteConflict.Role.Policy", "The role has policies.")
        del self.roles[parameters["RoleName"]]
        # Its sessions are over, and stay so if a role of the same name is made.
        self.sessions = {key_id: session for key_id, session in self.sessions.items() if session["role"] != parameters["RoleName"]}
        return {}

    # STS and ActionTrail.

    def may_speak(self, key, token):
        """Raises what the gateway answers where temporary credentials do not come with their token."""
        if "SecurityToken" not in key:
            return
        if not token:
            raise Refused(400, "MissingSecurityToken", "SecurityToken is mandatory for this action.")
        if token != key["SecurityToken"]:
            raise Refused(400, "InvalidSecurityToken.Malformed", "Specified SecurityToken is malformed.")
        if key["lasts"] is not None:
            key["lasts"] -= 1
            key["expired"] = key["lasts"] < 0
        if key["expired"]:
            raise Refused(400, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired.")

    def sts_GetCallerIdentity(self, _, owner):
        who = {"IdentityType": "Account", "Arn": f"acs:ram::{self.account_id}:root"}
        if owner in self.roles:
            who = {"IdentityType": "AssumedRoleUser", "Arn": f"acs:ram::{self.account_id}:assumed-role/{owner}/session", "RoleId": "3"}
        elif owner is not None:
            who = {"IdentityType": "RAMUser", "Arn": f"acs:ram::{self.account_id}:user/{owner}", "UserId": self.users[owner]["UserId"]}
        return {"AccountId": self.account_id, **who}

    def sts_AssumeRole(self, parameters, owner):
        name = (parameters.get("RoleArn") or "").removeprefix(f"acs:ram::{self.account_id}:role/")
        role = self.roles.get(name)
        if role is None:
            raise Refused(404, "EntityNotExist.Role", "The specified Role not exists.")
        if not parameters.get("RoleSessionName") or owner is None:
            raise Refused(403, "NoPermission", "Roles may not be assumed by root accounts.")
        if role.get("external_id") != parameters.get("ExternalId"):
            raise Refused(403, "NoPermission", "You are not authorized to do this action.")
        return {"Credentials": self.issued(name)}

    def issued(self, role):
        """New credentials of a role, as STS and the metadata service write them."""
        session = self.add_session(role)
        shown = {name: session[name] for name in ("AccessKeyId", "AccessKeySecret", "SecurityToken")}
        return {**shown, "Expiration": "2099-01-01T00:00:00Z"}

    def used(self, parameters):
        owner, key = self.find(parameters.get("AccessKey"))
        if key is None:
            raise Refused(404, "EntityNotExist.AccessKey", "The AccessKey does not exist.")
        return owner, key

    def actiontrail_GetAccessKeyLastUsedInfo(self, parameters, _):
        owner, key = self.used(parameters)
        kind = {"AccountType": "root-account", "UserName": "root"} if owner is None else {"AccountType": "ram-user", "UserName": owner}
        return {"AccessKeyId": key["AccessKeyId"], "AccountId": self.account_id, **kind, "ServiceName": key["ServiceName"]}

    def actiontrail_GetAccessKeyLastUsedProducts(self, parameters, _):
        _, key = self.used(parameters)
        return {"Products": [{"ServiceName": name, "Source": "ManagementEvent", "UsedTimestamp": USED} for name in key["uses"]]}

    def used_with(self, parameters, members):
        """A page of what a key was used with of a product; `members` are those of one item, by its number."""
        _, key = self.used(parameters)
        if not parameters.get("ServiceName"):
            raise Refused(400, "MissingServiceName", "The ServiceName is missing.")
        service = parameters["ServiceName"]
        all_ = range(key["things"].get(service, 1) if service in key["uses"] else 0)
        start = int(parameters.get("NextToken") or 0)
        end = start + min(int(parameters.get("PageSize") or 20), 100)
        items = [{**members(number), "Source": "ManagementEvent", "UsedTimestamp": USED, "Detail": ""} for number in all_[start:end]]
        return items, {"NextToken": str(end) if end < len(all_) else ""}

    def actiontrail_GetAccessKeyLastUsedIps(self, parameters, _):
        items, more = self.used_with(parameters, lambda number: {"Ip": f"203.0.113.{7 + number}"})
        return {"Ips": items, **more}

    def actiontrail_GetAccessKeyLastUsedEvents(self, parameters, _):
        items, more = self.used_with(parameters, lambda number: {"EventName": f"Get{parameters['ServiceName']}{number}"})
        return {"Events": items, **more}

    def actiontrail_GetAccessKeyLastUsedResources(self, parameters, _):
        named = {"ResourceType": f"ACS::{parameters.get('ServiceName')}::Thing"}
        items, more = self.used_with(parameters, lambda number: {"ResourceName": f"thing-{number}", **named})
        return {"Resources": items, **more}

    def actiontrail_LookupEvents(self, parameters, _):
        asked = parameters.get("LookupAttribute.1.Value")
        since, until = parameters.get("StartTime"), parameters.get("EndTime")
        if bool(since) != bool(until):
            raise Refused(400, "InvalidTimeRange", "You must specify both StartTime and EndTime, or leave both unspecified.")
        is_asked = lambda event: event["userIdentity"]["accessKeyId"] == asked and (not since or since <= event["eventTime"] <= until)
        # A call that was paged itself is recorded with the token that it sent, which its first one leaves empty.
        paged = lambda number: {"requestParameters": {"MaxResults": "50", "NextToken": made_up("", 32) if number % 3 else ""}}
        events = [{**paged(number), **event} for number, event in enumerate(filter(is_asked, self.events))]
        asked_for = parameters.get("NextToken") or "0"
        if not asked_for.isdigit():
            raise Refused(400, "InvalidParameter.NextToken", "The specified NextToken is invalid.")
        start = int(asked_for)
        end = start + min(int(parameters.get("MaxResults") or 20), 50)
        more = {"NextToken": str(end)} if end < len(events) else {}
        return {"Events": events[start:end], **more}

    # Security Center.

    def sas_DescribeAccesskeyLeakList(self, parameters, _):
        size, number = min(int(parameters.get("PageSize") or 20), 100), int(parameters.get("CurrentPage") or 1)
        leaks = self.leaks[size * (number - 1) : size * number]
        counts = {"TotalCount": len(self.leaks), "AkLeakCount": len(self.leaks), "CurrentPage": number, "PageSize": size, "GmtLast": 0}
        return {**counts, "AccessKeyLeakList": leaks}

    def add_leak(self, key_id, url):
        """A key that was seen somewhere."""
        owner, _ = self.find(key_id)
        kind = {"UserType": "master", "AliUserName": ""} if owner is None else {"UserType": "ram", "AliUserName": owner}
        leak = {"Id": len(self.leaks), "AccesskeyId": key_id, **kind, "Asset": "Cloud Platform", "Type": "AccessKey", "Url": url}
        self.leaks.insert(0, {**leak, "Status": "pending", "DealType": "pending", "DealTime": "", "GmtModified": USED})
