#!/usr/bin/env python3
"""Sees that examples and documents speak of what there is. Settings exist, and their values are of the right kind: in files for
containers and clouds, the heads of the pages for proxies, blocks of settings and names of settings in Markdown. The messages of
docs/troubleshooting.md are the server's, and docs/deployment.md explains every SSE profile and says what was not tried.

    examples.py ROOT TENON
"""
import glob
import json
import os
import re
import subprocess
import sys
import tomllib

ROOT, TENON = map(os.path.abspath, sys.argv[1:3])
NOT_OURS = ("node_modules", "build", ".git")
# What depends on the machine: files, ports, plugins. It is an example's business to name them.
OF_THE_KIND = re.compile(r"unknown setting|no setting|must be|names no|is not one of|is not a ")
faults = []


def text_of(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def texts_in(value):
    """All texts in a tree of JSON or TOML."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for member in value.values():
            yield from texts_in(member)
    elif isinstance(value, list):
        for item in value:
            yield from texts_in(item)


def check(place, settings, variables=()):
    """Starts nothing: validate-config, with one example's settings and variables."""
    wanted = {name: "0" * 64 if name.endswith("SHA256") else "one" for name in variables}
    for value in settings.values():
        wanted |= {name: "x" for name in re.findall(r"\$\{(\w+)\}", value)}
    words = [f"--{key}={value}" for key, value in settings.items()]
    if "http.port" not in settings:
        words.append("--http.port=0")
    done = subprocess.run([TENON, "validate-config", "--plugins.directory=", *words], capture_output=True, text=True, timeout=60,
                          env={**os.environ, **wanted})
    wrong = [line for line in done.stderr.splitlines() if OF_THE_KIND.search(line)]
    faults.extend(f"{place}: {line}" for line in wrong)
    print(f"{'FAILED' if wrong else 'ok    '} {place}: {len(settings)} settings, {len(variables)} variables")
    if not settings and not variables:
        faults.append(f"{place}: no settings were found")


def settings_of(words):
    """Of a command line. What a shell or compose would put in is a hash."""
    pairs = (word[2:].split("=", 1) for word in words if re.match(r"--[a-zA-Z]+\.[\w.]+=", word))
    return {key: re.sub(r"\$\{TENON_TOKEN_SHA256.*\}", "0" * 64, value) for key, value in pairs}


def containers():
    for path in sorted(glob.glob(f"{ROOT}/conf/deploy/*") + glob.glob(f"{ROOT}/conf/cluster/*.yaml") + [f"{ROOT}/installer/Containerfile"]):
        text, place = text_of(path), os.path.relpath(path, ROOT)
        variables = re.findall(r"secrets set (TENON_\w+)=", text)
        if path.endswith(".json"):
            words = list(texts_in(json.loads(text)))
        elif path.endswith(".toml"):
            words = list(texts_in(tomllib.loads(text)))
        elif path.endswith(".yaml"):
            words = re.findall(r"^\s*- (--\S+?=.*?)(?: +#.*)?$", text, re.MULTILINE)
            variables += re.findall(r"^\s+(?:- name: )?(TENON_[A-Z0-9_]+)(?::|$)", text, re.MULTILINE)
        elif path.endswith("Containerfile"):
            words = re.findall(r'"(--[^"]+)"', text)
        else:
            continue
        variables += [word for word in words if re.fullmatch(r"TENON_\w+", word)]
        check(place, settings_of(words), variables)


def proxies():
    for path in sorted(glob.glob(f"{ROOT}/conf/proxy/*")):
        head = re.match(r"(#.*\n|\s*\n)+", text_of(path)).group(0)
        settings = dict(re.findall(r"([a-z]+\.[A-Za-z.]+) = (\S+)", head))
        check(os.path.relpath(path, ROOT), {key: value for key, value in settings.items() if key != "http.host"})


def declared():
    """One pattern for all keys that there are."""
    text = subprocess.run([TENON, "print-config"], capture_output=True, text=True, check=True).stdout
    text += "".join(text_of(path) for path in glob.glob(f"{ROOT}/plugins/*/settings.properties"))
    keys = re.findall(r"^#?([a-z][\w.*]*) *=", text, re.MULTILINE) + ["include"]
    return re.compile("|".join(re.escape(key).replace("NAME", r"[^.]+").replace("KEY", ".+").replace(r"\*", ".+") for key in keys)), \
        {key.split(".")[0] for key in keys}


def documents():
    known, rooms = declared()
    names = 0
    for path in sorted(glob.glob(f"{ROOT}/**/*.md", recursive=True)):
        place = os.path.relpath(path, ROOT)
        if any(part in NOT_OURS for part in place.split(os.sep)):
            continue
        text = text_of(path)
        for number, block in enumerate(re.findall(r"```properties\n(.*?)```", text, re.DOTALL)):
            settings = re.findall(r"^([a-z][\w.]*) *= *(.*?)(?: {2,}#.*)?$", block, re.MULTILINE)
            check(f"{place}, block {number + 1}", dict(settings))
        if place.startswith("CHANGELOG"):
            continue  # which names what was
        for name in re.findall(r"`(?:--)?([a-z]+(?:\.[A-Za-z<>]+)+)(?: ?= ?[^`]*)?`", text):
            room = name.split(".")[0]
            if room not in rooms or re.search(r"\.(md|h|cpp|mjs|py|log|so|properties)$", name):
                continue
            names += 1
            name = re.sub(r"<\w+>", "x", name)
            # What belongs to one plugin or one server is named without its owner. Of a plugin any name would do.
            if not known.fullmatch(name) and not known.fullmatch(f"upstream.x.{name}"):
                faults.append(f"{place}: `{name}` is not a setting")
    print(f"       {names} names of settings in documents")


def sources():
    """All that the server says, texts that are broken over lines in one piece."""
    files = [path for room in ("server", "plugins") for path in glob.glob(f"{ROOT}/{room}/**/*.cpp", recursive=True)]
    return re.sub(r'"\s*\n\s*"', "", "\n".join(map(text_of, sorted(files))))


def messages():
    """What a symptom quotes is what the operator sees. NAME and a number stand for any."""
    of_the_system = {"Address already in use"}
    said = sources()
    symptoms = re.findall(r"^\| (.*?) \|", text_of(f"{ROOT}/docs/troubleshooting.md"), re.MULTILINE)[2:]
    quoted = [text for symptom in symptoms for text in re.findall(r'"([^"]+)"', symptom)]
    quoted += [text for symptom in symptoms for text in re.findall(r"`([a-z]+(?:_[a-z]+)+)`", symptom)]
    for text in quoted:
        parts = [part for part in re.split(r"NAME|\b\d+\b", text) if len(part.strip()) > 3]
        wrong = text not in of_the_system and not all(part.strip("' ") in said for part in parts)
        print(f"{'FAILED' if wrong else 'ok    '} docs/troubleshooting.md: {text}")
        if wrong:
            faults.append(f'docs/troubleshooting.md: nothing says "{text}"')
    if len(quoted) < 10:
        faults.append("docs/troubleshooting.md: few messages were found")


def deployment():
    text = text_of(f"{ROOT}/docs/deployment.md")
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (.*) \|$", text, re.MULTILINE))
    profiles = re.findall(r"\{\s*\.name = (.*?)\n    \}", text_of(f"{ROOT}/server/net/mcp/SseProfile.cpp"), re.DOTALL)
    for profile in profiles:
        name = re.match(r'"([^"]+)"', profile).group(1)
        paths = re.findall(r'\.(?:stream|message|poll|stats|broadcast)Path = "([^"*]+)', profile)
        missing = [path for path in paths if path not in rows.get(name, "")]
        wrong = name not in rows or missing
        print(f"{'FAILED' if wrong else 'ok    '} docs/deployment.md: the profile {name}, {len(paths)} paths")
        if wrong:
            faults.append(f"docs/deployment.md does not explain the profile {name}: {missing}")
    if len(profiles) < 4:
        faults.append("no profiles were found")
    for file in ("fly.toml", "cloudrun.yaml", "ecs.json"):
        if not re.search(rf"^\|.*deploy/{file}\) \| not tried", text, re.MULTILINE):
            faults.append(f"docs/deployment.md does not say that {file} was not tried")


containers()
proxies()
documents()
messages()
deployment()
print(*faults, sep="\n")
sys.exit(f"{len(faults)} faults" if faults else 0)
