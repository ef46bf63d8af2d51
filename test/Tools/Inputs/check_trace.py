"""Checks a trace: check_trace.py TRACE [STATISTICS [FUNCTION...]]

It must be JSON, spans of one thread must nest, every event must lie in the
thread that it names, and what it tells must add up to what --stats printed.
The functions must be the names of the calls that were made, in any order.
"""
import collections
import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    trace = json.load(file)
assert trace["otherData"] == {"complete": True, "dropped": 0}, trace["otherData"]
events = trace["traceEvents"]
spans = [e for e in events if e["ph"] == "X"]
instants = [e for e in events if e["ph"] == "i"]
assert len(spans) + len(instants) + sum(e["ph"] == "M" for e in events) == len(events)
assert all(e["ts"] >= 0 for e in spans + instants)

named = {e["tid"] for e in events if e["name"] == "thread_name"}
assert named == {e["tid"] for e in spans + instants}, named

threads = collections.defaultdict(list)
for e in spans:
    threads[e["tid"]].append((round(e["ts"] * 1000), round(e["dur"] * 1000), e["cat"]))
inside = collections.Counter()
for own in threads.values():
    own.sort(key=lambda s: (s[0], -s[1]))
    stack = []
    for start, duration, kind in own:
        while stack and stack[-1][0] <= start and stack[-1][0] < start + duration:
            stack.pop()
        if stack:
            assert start + duration <= stack[-1][0], "spans overlap without nesting"
            inside[kind, stack[-1][1]] += 1
        stack.append((start + duration, kind))

if len(sys.argv) > 2:
    statistics = {}
    with open(sys.argv[2]) as file:
        for line in file:
            name, _, value = line.rpartition(" ")
            if value.strip().isdigit():
                statistics[name.strip()] = int(value)
    calls = [e for e in spans if e["cat"] == "call"]
    told = {
        "calls": len(calls),
        "calls in place": sum(e["args"]["in_place"] for e in calls),
        "failed calls": sum(e["args"]["status"] != "SYM_OK" for e in calls),
        "copies on write": sum(e["args"].get("updates", 0) for e in instants),
        "exchanges": sum(e["args"].get("exchanges", 0) for e in instants),
        "argument copies": sum("argument" in e["args"] for e in instants),
        "system allocations": sum(e["name"] == "reserve" for e in instants),
    }
    for name, value in told.items():
        assert statistics[name] == value, (name, statistics[name], value)
if len(sys.argv) > 3:
    assert {e["name"] for e in spans if e["cat"] == "call"} == set(sys.argv[3:])
print(len([e for e in spans if e["cat"] == "call"]), "calls,",
      inside["call", "host"], "in host programs,",
      "waits in calls only" if all(outer in ("call", "host") for kind, outer in inside
                                   if kind == "lock") else "stray waits")
