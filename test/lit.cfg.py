# The lit suite of the programs under test/; the unit tests beside them have
# lit.gtest.site.cfg.py.in.
import os
import shutil
import sys

import lit.formats
from lit.llvm import llvm_config
from lit.llvm.subst import FindTool, ToolSubst

# With the parameter "determinism" the suite holds what executes a program, and
# sym-runner stands for all the ways to run it.
determinism = "determinism" in lit_config.params
# With the parameter "target", "cuda:sim" say, it runs them there; "seed" chooses
# the simulated driver's random orders.
target = lit_config.params.get("target")

if determinism or target:
    sys.path.insert(0, os.path.dirname(__file__))
    from executed_tests import ExecutedTests as Format
else:
    from lit.formats import ShTest as Format

config.name = (
    "sym-determinism" if determinism else "sym-" + target if target else "sym"
)
config.test_format = Format(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["CMakeLists.txt", "Inputs", "lib", "upstream", "README.md"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.sym_obj_root, "test")
run_both = os.path.join(config.sym_obj_root, "test", "both", "sym-runner")
if determinism:
    config.test_exec_root = os.path.join(config.test_exec_root, "determinism")
    # What is too small to be worth threads would not use them.
    config.environment["SYM_COMPILATION"] = "--parallel-work=1"
    # UNSUPPORTED: determinism, where the ways differ by design.
    config.available_features.add("determinism")
    # Those test the tools themselves.
    config.excludes += ["Fuzz", "Tools"]

device_runner = os.path.join(config.sym_obj_root, "test", "Device", "sym-runner")
if target:
    config.test_exec_root = os.path.join(config.test_exec_root, "device")
    # UNSUPPORTED: device, where a test is about the host.
    config.available_features.add("device")
    config.excludes += ["Fuzz", "Tools"]
    config.environment["SYM_TARGET"] = target
    config.environment["SYM_SIM"] = "verbose=1,seed=" + lit_config.params.get(
        "seed", "1"
    )

config.substitutions.append(("%device_runner", device_runner))
config.substitutions.append(("%sym_src", config.sym_src_root))
config.substitutions.append(("%sym_obj", config.sym_obj_root))
config.substitutions.append(("%cc", config.host_cc))
config.substitutions.append(("%cxx", config.host_cxx))
# References are written in NumPy, which scripts/setup installs here.
venv_python = os.path.join(config.sym_src_root, "build", "venv", "bin", "python")
if os.path.exists(venv_python):
    config.available_features.add("numpy")
else:
    venv_python = sys.executable
config.substitutions.append(("%python", venv_python))
# Each program takes seven times as long where it runs in every way.
random_count = "5" if determinism or target else "60"
config.substitutions.append(("%random_count", random_count))
if config.sym_cuda_toolkit:
    config.available_features.add("cuda-toolkit")
if shutil.which("spin"):
    config.available_features.add("spin")
config.substitutions.append(("%llvm_lib", config.llvm_shlib_dir))

# JIT and executable, 1, 2 and 4 threads: the same bits (T9).
config.substitutions.append(("%run_both", run_both))

# FileCheck, not and count.
llvm_config.use_default_substitutions()
llvm_config.with_system_environment(["HOME", "TMP", "TEMP"])
llvm_config.with_environment("PATH", config.llvm_tools_dir, append_path=True)

llvm_config.add_tool_substitutions(
    [
        ToolSubst("sym-opt", unresolved="ignore"),
        ToolSubst(
            "sym-runner",
            command=(
                run_both
                if determinism
                else device_runner if target else FindTool("sym-runner")
            ),
            unresolved="ignore",
        ),
        ToolSubst("sym-compile", unresolved="ignore"),
        ToolSubst("sym-lsp-server", unresolved="ignore"),
        ToolSubst("mlir-tblgen"),
        ToolSubst("split-file"),
    ],
    [config.sym_tools_dir, config.llvm_tools_dir],
)

# REQUIRES: x86_64-target, aarch64-target, ...
config.available_features.add(config.host_arch + "-target")
if config.sym_sanitize:
    config.available_features.add("sanitizer")
    # The shared MLIR and LLVM libraries are not instrumented.
    options = "detect_container_overflow=0:allow_user_poisoning=0"
    llvm_config.with_environment("ASAN_OPTIONS", options)
