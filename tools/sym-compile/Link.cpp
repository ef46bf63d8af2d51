//===- Link.cpp - Executables and shared libraries ------------------------===//

#include "Link.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"

using namespace llvm;

/// The C++ compiler that links: the runtime needs its library.
static Expected<std::string> findLinker(StringRef wanted) {
  static const char *const candidates[] = {"clang++-22", "clang++", "c++",
                                           "g++"};
  if (!wanted.empty()) {
    ErrorOr<std::string> path = sys::findProgramByName(wanted);
    if (!path)
      return createStringError("cannot find the linker '" + wanted +
                               "': " + path.getError().message());
    return *path;
  }
  for (const char *name : candidates)
    if (ErrorOr<std::string> path = sys::findProgramByName(name))
      return *path;
  return createStringError("found no C++ compiler to link with; looked for "
                           "clang++-22, clang++, c++ and g++");
}

/// The folder with libSymRuntime.a: given, or lib/ beside this tool's bin/.
static Expected<std::string> findLibraries(StringRef wanted, StringRef runtime,
                                           const char *argv0) {
  SmallString<128> dir(wanted);
  if (dir.empty()) {
    std::string tool = sys::fs::getMainExecutable(
        argv0, reinterpret_cast<void *>(&findLibraries));
    dir = sys::path::parent_path(sys::path::parent_path(tool));
    sys::path::append(dir, "lib");
  }
  for (StringRef name : {runtime, StringRef("libSymDriver.a")}) {
    SmallString<128> path(dir);
    sys::path::append(path, name);
    if (!sys::fs::exists(path))
      return createStringError("cannot find '" + path +
                               "'; --library-dir names its folder");
  }
  return std::string(dir);
}

Error mlir::sym::link(StringRef object, StringRef output,
                      ArrayRef<StringRef> libraries, const LinkOptions &options,
                      const char *argv0) {
  Expected<std::string> linker = findLinker(options.linker);
  if (!linker)
    return linker.takeError();
  std::vector<std::string> arguments = {*linker, "-o", output.str(),
                                        object.str()};
  if (options.shared)
    arguments.push_back("-shared");
  if (options.sanitizeThread)
    arguments.push_back("-fsanitize=thread");
  if (options.runtime) {
    StringRef name =
        options.sanitizeThread ? "libSymRuntimeTSan.a" : "libSymRuntime.a";
    Expected<std::string> dir = findLibraries(options.libraryDir, name, argv0);
    if (!dir)
      return dir.takeError();
    std::string runtime = *dir + "/" + name.str();
    // In front of the runtime, which it is built on; as a whole for a library,
    // whose users choose and watch devices.
    std::string devices = *dir + "/libSymRuntimeDevice.a";
    if (options.device && !sys::fs::exists(devices))
      return createStringError("cannot find '" + devices +
                               "', which a program for a device needs");
    // All of the runtime for a library, whose users call it; of an executable
    // only what it calls.
    arguments.push_back(options.shared ? "-Wl,--whole-archive"
                                       : *dir + "/libSymDriver.a");
    if (options.device)
      arguments.push_back(devices);
    arguments.push_back(runtime);
    if (options.shared)
      arguments.push_back("-Wl,--no-whole-archive");
  }
  append_range(arguments,
               ArrayRef<std::string>{"-Wl,--gc-sections", "-Wl,--as-needed"});
  for (StringRef library : libraries) {
    arguments.push_back(library.str());
    // The runtime stands before OpenBLAS (memory/BlasBuffers.cpp).
    if (library == "-lopenblas" && options.runtime)
      for (StringRef function : {"blas_memory_alloc", "blas_memory_free"})
        arguments.push_back(
            ("-Wl,-u," + function + ",--export-dynamic-symbol=" + function)
                .str());
  }
  // An executable brings its zlib along: it should start where only the C and
  // C++ libraries are. The static one cannot be relied on to be relocatable,
  // which a shared library needs.
  StringRef zlib = options.shared ? "-lz" : "-l:libz.a";
  append_range(arguments,
               ArrayRef<std::string>{"-lm", zlib.str(), "-lpthread"});

  SmallVector<StringRef> references(arguments.begin(), arguments.end());
  std::string problem;
  int code = sys::ExecuteAndWait(*linker, references, std::nullopt, {}, 0, 0,
                                 &problem);
  if (code != 0)
    return createStringError("linking failed: " + join(references, " ") +
                             (problem.empty() ? "" : ": " + problem));
  return Error::success();
}
