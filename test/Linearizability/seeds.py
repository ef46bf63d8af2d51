"""The mistakes that the checker, or the thread sanitizer, must find.

compile   the sources that see an edit
edits     (file, text, replacement)
scenario  the one that is run
finder    "checker", or "tsan" for what only declared orders show
expected  a pattern in the output
"""


def seed(scenario, compile, edits, finder="checker", expected="violation"):
    return {"scenario": scenario, "compile": compile, "edits": edits,
            "finder": finder, "expected": expected}


def race(scenario, compile, edits):
    return seed(scenario, compile, edits, finder="tsan",
                expected="ThreadSanitizer: data race")


CALL = "store/Call.cpp"
FUNCTION = "store/Function.cpp"
VARIABLE = "store/Variable.cpp"
BORROW = "store/WriteBorrow.cpp"
LOCK = "store/FairLock.h"
HEAD = "store/Head.h"
PINS = "store/Pins.h"
USERS_OF_PINS = [CALL, VARIABLE, "store/Pins.cpp"]
USERS_OF_LOCKS = [CALL, FUNCTION, VARIABLE, BORROW, "store/Buffer.cpp",
                  "store/FairLock.cpp", "store/Head.cpp", "store/Pins.cpp",
                  "store/Services.cpp"]

PLAN_LOCK = "f.locks[f.numLocks++] = {v, updated};"
WANTS_LOCK = "if (updates || !v->doubleBuffered)"
HEADS = "  ExchangeGuard heads(f.heads, f.numHeads);\n"
SLOT_CHECK = "head.unchangedSince(observed[i++]);"

SEEDS = {
    # Updates exclude readers no longer, nor each other.
    "lost-update": seed("counter", [FUNCTION], [
        (FUNCTION, PLAN_LOCK, "f.locks[f.numLocks++] = {v, false};")]),
    # Calls without updates read without a lock.
    "torn-read": seed("transfer", [FUNCTION], [
        (FUNCTION, WANTS_LOCK, "if (updates)")]),
    # A call forgets the last of its locks.
    "dropped-lock": seed("transfer", [FUNCTION], [
        (FUNCTION, "  // T6: ascending ids.",
         "  if (f.numLocks > 1)\n    --f.numLocks;\n  // T6: ascending ids.")]),
    # A failing call publishes what it has made so far.
    "commit-before-check": seed("checked", [CALL], [
        (CALL, "  if (int32_t code = f.entry[inPlace](&call.abi))\n",
         "  int32_t code = f.entry[inPlace](&call.abi);\n"
         "  if (code && !inPlace && f.numUpdates)\n"
         "    (void)publishUpdates(call, f, thread);\n"
         "  if (code)\n")]),
    # Calls with updates read double-buffered variables by pins, so that two of
    # them may both see old values.
    "write-skew": seed("assign-each-other", [CALL, FUNCTION], [
        (FUNCTION, WANTS_LOCK, "if (updated || !v->doubleBuffered)"),
        (FUNCTION, "if (v->doubleBuffered && (updated || !updates))",
         "(void)updates;\n    if (v->doubleBuffered)"),
        (CALL, "return f.numUpdates == 0 && f.numHeads != 0;",
         "return f.numHeads != 0;")]),
    # A reader pins one variable before and another after a commit.
    "pins-one-by-one": seed("snapshots-double", ["store/Pins.cpp"], [
        ("store/Pins.cpp", "  ReadGuard guard(heads, numHeads);\n",
         "  (void)heads, (void)numHeads;\n"),
        ("store/Pins.cpp", "    values[k] = variables[k]->value();\n",
         "    ReadGuard guard(&variables[k], 1);\n"
         "    values[k] = variables[k]->value();\n")]),
    # Slots are believed without a check; or are checked one by one; or by
    # whether the same buffer is there, not whether it has been all the time.
    "slots-not-checked": seed("snapshots-double", USERS_OF_PINS, [
        (PINS, "variables[k]->" + SLOT_CHECK, "observed[i++] | 1;")]),
    "slots-one-by-one": seed("snapshots-double", USERS_OF_PINS, [
        (PINS, "    thread.pinned[base + n++].store(values[k], "
               "std::memory_order_seq_cst);\n",
         "    thread.pinned[base + n++].store(values[k], "
         "std::memory_order_seq_cst);\n"
         "    if (!(good = v.head.unchangedSince(word))) break;\n"),
        (PINS, "variables[k]->" + SLOT_CHECK, "observed[i++] | 1;")]),
    "slots-by-buffer": seed("moves-double", USERS_OF_PINS, [
        (PINS, "variables[k]->" + SLOT_CHECK,
         "variables[k]->value() == values[k] && observed[i++];")]),
    # A value is given up while slots name it.
    "slots-not-counted": seed("pins-double", USERS_OF_PINS + [BORROW], [
        ("store/Variable.h", "    countSlots(old);\n", "    (void)old;\n")]),
    "commit-one-by-one": seed("snapshots-double", [CALL], [
        (CALL, HEADS + "  int64_t exchanges = 0;\n", "  int64_t exchanges = 0;\n"),
        (CALL, "    bool movedOn = moves",
         "    ExchangeGuard heads(&update.variable, 1);\n    bool movedOn = moves")]),
    "snapshot-one-by-one": seed("publish", [VARIABLE], [
        (VARIABLE,
         "    KeepGuard heads(variables, count);\n"
         "    for (int i = 0; i < count; ++i)\n      if",
         "    for (int i = 0; i < count; ++i)\n"
         "      if (KeepGuard heads(variables + i, 1); true) if")]),
    # What is read is let go before the commit: only three threads show it.
    "shared-locks-early": seed("crossing", [CALL], [
        (CALL, "  bool inPlace = mayWriteSources(",
         "  for (int i = 0; f.numUpdates && i < f.numLocks; ++i)\n"
         "    if (!f.locks[i].exclusive)\n"
         "      f.locks[i].variable->lock.unlockShared();\n"
         "  bool inPlace = mayWriteSources("),
        (CALL, "  unlockFirst(locks, f.numLocks);\n  // Past",
         "  for (int i = f.numLocks - 1; i >= 0; --i)\n"
         "    if (f.locks[i].exclusive)\n"
         "      f.locks[i].variable->lock.unlockExclusive();\n"
         "    else if (!f.numUpdates)\n"
         "      f.locks[i].variable->lock.unlockShared();\n"
         "  // Past")]),
    # An update writes memory that somebody has pinned.
    "pins-ignored": seed("pins", [CALL], [
        (CALL, "!source->unpinned()", "false")]),
    # Pins are granted while an update writes.
    "pin-without-lock": seed("pins", [VARIABLE], [
        (VARIABLE, "doubled ? variable.head.keep() : lockShared(variable);",
         ""),
        (VARIABLE,
         "doubled ? variable.head.letGo() : variable.lock.unlockShared();",
         "(void)doubled;")]),
    # B3: the flag is not looked at again under the lock.
    "flag-not-checked-again": seed("write-borrows", [CALL], [
        (CALL,
         "  if (sym_status s = refuseIfBorrowed(f))\n    return s;\n"
         "  if (sym_status s = takeSources", "  if (sym_status s = takeSources")]),
    # B3: the flag goes up while an update runs.
    "flag-without-lock": seed("write-borrows", [BORROW], [
        (BORROW, "    lockShared(*variable);\n", "    (void)0;\n"),
        (BORROW, "    variable->lock.unlockShared();\n", "    (void)0;\n")]),
    # set exchanges a value that a call is working on.
    "set-without-lock": seed("long-vector", [VARIABLE], [
        (VARIABLE, "    lockExclusive(*variables[i]);\n", "    (void)i;\n"),
        (VARIABLE, "    variables[i]->lock.unlockExclusive();\n",
         "    (void)i;\n")]),
    # The lock: a writer does not wait for readers in slots.
    "slots-not-drained": seed("read-mostly", ["store/FairLock.cpp"], [
        ("store/FairLock.cpp", "slot.load(std::memory_order_seq_cst) == this; ++i",
         "false; ++i")]),
    # Locks in the order of the descriptor: a deadlock.
    "locks-unsorted": seed("orders", [FUNCTION], [
        (FUNCTION,
         "j > 0 && f.locks[j].variable->id < f.locks[j - 1].variable->id",
         "j > 0 && false")], expected="waits for ever"),

    # Orders of memory that are weaker than they must be. On a strong machine
    # only the thread sanitizer sees it.
    "relaxed-unlock": race("counter", USERS_OF_LOCKS, [
        (LOCK, "s, 0, std::memory_order_release, std::memory_order_relaxed",
         "s, 0, std::memory_order_relaxed, std::memory_order_relaxed")]),
    "relaxed-lock": race("counter", USERS_OF_LOCKS, [
        (LOCK, "s, kWriter, std::memory_order_acquire",
         "s, kWriter, std::memory_order_relaxed")]),
    "relaxed-slot": race("read-mostly", USERS_OF_LOCKS, [
        (LOCK, "thread.reading[top].store(nullptr, std::memory_order_seq_cst)",
         "thread.reading[top].store(nullptr, std::memory_order_relaxed)")]),
    "relaxed-pin-check": race("pins", USERS_OF_LOCKS, [
        ("store/Buffer.h",
         "    return references.load(std::memory_order_acquire) == 1;\n  }\n"
         "  void retain",
         "    return references.load(std::memory_order_relaxed) == 1;\n  }\n"
         "  void retain")]),
    "relaxed-head": race("snapshots-double", USERS_OF_LOCKS, [
        (HEAD, "word.exchange(next, std::memory_order_release)",
         "word.exchange(next, std::memory_order_relaxed)")]),
    "relaxed-pinned": race("pins-double", USERS_OF_LOCKS, [
        (PINS, "slot.exchange(nullptr, std::memory_order_seq_cst)",
         "slot.exchange(nullptr, std::memory_order_relaxed)")]),
}
