"""Names of crashes, from the stack that LLVM's handler of signals prints."""

import re

FRAME = re.compile(r"^\s*#\d+ 0x[0-9a-f]+ (.*?) \(?(/\S+?)\+0x[0-9a-f]+\)?$")
SOURCE_FRAME = re.compile(r"^\s*#\d+ 0x[0-9a-f]+ (.*?) (/\S+|\S+\.(?:cpp|h|inc):\S+)$")
# Code that no file holds.
BARE_FRAME = re.compile(r"^\s*#\d+ 0x[0-9a-f]+\s*$")
HANDLER = re.compile(r"PrintStackTrace|RunSignalHandlers|SignalHandler|__restore_rt")
# How a process ends itself: who asked for it stands below.
ENDING = re.compile(
    r"report_bad_alloc_error|report_fatal_error|^abort|^raise|out_of_memory"
    r"|allocate_buffer|llvm::SmallVectorBase|^operator new|^std::__throw"
)


# Without names, only the place within a page does not depend on where the
# library was loaded.
UNNAMED_FRAME = re.compile(r"^\d+\s+(\S+)\s+0x[0-9a-f]+([0-9a-f]{3})\b", re.M)


def key(how, stderr):
    """The same for failures that end at the same place; of a stack without
    names."""
    return how, tuple(UNNAMED_FRAME.findall(stderr)[:16])


def strip_arguments(function):
    """The name of a function without its arguments, which may nest."""
    depth = 0
    name = []
    for c in function.replace("operator()", "call"):
        if c in "(<":
            depth += 1
        elif c in ")>":
            depth -= 1
        elif depth == 0:
            name.append(c)
    return " ".join("".join(name).split())


def describe(how, stderr):
    """Where a failure is: "upstream" or "sym", the innermost functions that have
    a name, and the nearest one of sym: it may have asked for the impossible."""
    if how in ("hang", "without a message"):
        return how
    frames = []
    for line in stderr.splitlines():
        if HANDLER.search(line):
            frames = []
            continue
        match = FRAME.match(line) or SOURCE_FRAME.match(line)
        if match and "libc.so" not in match.group(2):
            name = strip_arguments(match.group(1))
            if frames[-1:] != [name]:
                frames.append(name)
        elif BARE_FRAME.match(line):
            frames.append("generated code")
    while frames and ENDING.search(frames[0]):
        frames.pop(0)
    if not frames:
        return f"{how} without a stack"
    # The parser of a function around has nothing to do with it.
    own = [
        f
        for f in frames[:12]
        if ("mlir::sym" in f or f.startswith("sym::")) and not f.endswith("::parse")
    ]
    if frames[0] in own or "mlir::sym" in frames[0] or frames[0] == "generated code":
        return f"{how}, sym: {' < '.join(frames[:2])}"
    # What stands around an operation has nothing to do with its parser.
    parser = next((i for i, f in enumerate(frames) if f.endswith("Op::parse")), 2)
    inner = frames[: min(parser, 2) + 1]
    place = f"{how}, upstream: {' < '.join(inner)}"
    return f"{place} << {own[0]}" if own and own[0] not in inner else place
