"""Stands in for the `aliyun` command where that is not to be had: the same words, the same answers, the same exit codes.

A line is held to the request models of Alibaba's own SDK: product, operation and every parameter must be theirs, each at
most once. It is then sent with that SDK, which signs it. As a program this only hands its words to the process of the
cases, where the SDK is loaded: loading it takes longer than all else.
"""

import json
import os
import socket
import sys

PRODUCTS = {
    "ram": "alibabacloud_ram20150501",
    "ims": "alibabacloud_ims20190815",
    "sts": "alibabacloud_sts20150401",
    "actiontrail": "alibabacloud_actiontrail20200706",
}
GLOBAL = {"region"}
PASSED_ON = ("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "SIMULATOR")


class Usage(Exception):
    """Words that the command does not know."""


def run(words, environment):
    """Exit code, standard output and standard error of a line."""
    try:
        method, asked, config = parse(words, environment)
        answer = method(asked, config)
    except Usage as error:
        return 2, "", f"ERROR: {error}\n"
    except Exception as error:  # The SDK has several; each names its code.
        return 1, "", f"ERROR: SDK.ServerError\nErrorCode: {getattr(error, 'code', type(error).__name__)}\nMessage: {error}\n"
    return 0, json.dumps(answer, indent="\t", sort_keys=True, ensure_ascii=False) + "\n", ""


def parse(words, environment):
    """The method of the SDK that a line means, its parameters, and where and by whom it is called."""
    import importlib
    import re

    from alibabacloud_tea_openapi.utils_models import Config
    from darabonba.runtime import RuntimeOptions

    if len(words) < 2 or words[0] not in PRODUCTS:
        raise Usage(f"'{words[0] if words else ''}' is not a valid product")
    product, action, rest = words[0], words[1], words[2:]
    names = [name[2:] for name in rest[::2]]
    if len(rest) % 2 or not all(name.startswith("--") for name in rest[::2]) or len(set(names)) != len(names):
        raise Usage("parameters are --Name value, each once")
    asked = nested({name: value for name, value in zip(names, rest[1::2]) if name not in GLOBAL})
    client = importlib.import_module(f"{PRODUCTS[product]}.client").Client
    models = importlib.import_module(f"{PRODUCTS[product]}.models")
    method = getattr(client, re.sub(r"(?<=[a-z])([A-Z])", r"_\1", action).lower() + "_with_options", None)
    if method is None or not hasattr(models, f"{action}Response"):
        raise Usage(f"'{action}' is not a valid api of {product}")
    model = getattr(models, f"{action}Request", None)
    request = [model().from_map(asked)] if model else []
    # A model keeps only what it knows.
    known = request[0].to_map() if request else {}
    if asked != {name: known.get(name) for name in asked}:
        raise Usage(f"not every one of {sorted(asked)} is a valid parameter of {action}")
    key_id, secret, endpoint = (environment[name] for name in PASSED_ON)
    config = Config(access_key_id=key_id, access_key_secret=secret, endpoint=endpoint, protocol="http", region_id="cn-hangzhou")
    return lambda asked, config: method(client(config), *asked, RuntimeOptions()).body.to_map(), request, config


def nested(values):
    """`{"A.1.B": "c"}` as `{"A": [{"B": "c"}]}`."""
    request = {}
    for name, value in values.items():
        parts = name.split(".")
        if len(parts) == 1:
            request[name] = value
        elif len(parts) == 3 and parts[1].isdigit() and 1 <= int(parts[1]) <= 30:
            items = request.setdefault(parts[0], [])
            items.extend({} for _ in range(int(parts[1]) - len(items)))
            items[int(parts[1]) - 1][parts[2]] = value
        else:
            raise Usage(f"'--{name}' is not a valid parameter")
    return request


def serve(path):
    """Answers what comes in at the socket `path`, in a thread of its own, until the socket is closed."""
    import threading

    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()

    def answer():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rw") as stream:
                json.dump(run(**json.loads(stream.readline())), stream)

    threading.Thread(target=answer, daemon=True).start()
    return listener


def main():
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(os.environ["ALIYUN_SOCKET"])
        with connection.makefile("rw") as stream:
            environment = {name: os.environ[name] for name in PASSED_ON}
            stream.write(json.dumps({"words": sys.argv[1:], "environment": environment}) + "\n")
            stream.flush()
            code, out, error = json.load(stream)
    sys.stdout.write(out)
    sys.stderr.write(error)
    return code


if __name__ == "__main__":
    sys.exit(main())
