//===- sym-compile.cpp - Compile a program ahead of time ------------------===//

#include "Header.h"
#include "Kernels.h"
#include "Link.h"

#include "sym/Target/Frontend.h"
#include "sym/Target/Target.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/ToolOutputFile.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;
using namespace mlir::sym;

static const char kHelp[] =
    "Usage: sym-compile [options] FILE -o OUTPUT\n\n"
    "Compiles an MLIR program with sym state. FILE may be '-', and OUTPUT too\n"
    "except for exe and shared.\n\n"
    "Output:\n"
    "  --emit=KIND         exe (default): an executable; its --help tells how\n"
    "                      to run functions and host programs\n"
    "                      shared: a library with the runtime in it\n"
    "                      obj: an object that defines the descriptor\n"
    "                      header: C functions for it\n"
    "                      llvm, asm: text\n"
    "                      ptx, cubin: the kernels, for a GPU\n"
    "                      image: the kernels, for the simulated GPU\n"
    "  -o OUTPUT\n"
    "  --runtime=none      leave the runtime out of a shared library\n"
    "  --library-dir=DIR   where libSymRuntime.a and libSymDriver.a are\n"
    "  --sanitize=thread   instrument for ThreadSanitizer, the runtime too; "
    "no\n"
    "                      parallel loops, since OpenMP's is not\n"
    "  --linker=PROGRAM    the C++ compiler that links\n"
    "  --chip=NAME         the GPU to compile kernels for (default: sm_80,\n"
    "                      whose PTX later ones read)\n"
    "  --report-kernels    print registers, spills and shared memory of each\n"
    "                      kernel of a cubin\n"
    "  --check-accesses    let the simulated GPU check every access of an "
    "image\n"
    "  --help              print this\n";

static int fail(const llvm::Twine &message) {
  llvm::errs() << "sym-compile: error: " << message << "\n";
  return 1;
}

namespace {
enum class Emit {
  Exe,
  Shared,
  Object,
  Header,
  LLVM,
  Assembly,
  PTX,
  Cubin,
  Image
};

struct Arguments {
  CompilerArguments compiler;
  LinkOptions link;
  Emit emit = Emit::Exe;
  std::string output;
  DeviceArguments device;
  bool help = false;

  bool emitsKernels() const {
    return emit == Emit::PTX || emit == Emit::Cubin || emit == Emit::Image;
  }
};
} // namespace

/// False, and a message, if something is wrong.
static bool parseArguments(std::vector<std::string> rest, Arguments &result,
                           std::string &error) {
  auto fail = [&](const llvm::Twine &message) {
    error = message.str();
    return false;
  };
  // Before the compiler's own options, which take FILE.
  for (size_t i = 0; i < rest.size(); ++i) {
    if (rest[i] != "-o")
      continue;
    if (i + 1 == rest.size())
      return fail("option -o needs a value");
    result.output = rest[i + 1];
    rest.erase(rest.begin() + i, rest.begin() + i + 2);
    break;
  }
  if (!parseCompilerArguments(rest, result.compiler, error))
    return false;
  for (StringRef argument : rest) {
    StringRef value = argument;
    if (value.consume_front("--emit=")) {
      auto emit = llvm::StringSwitch<std::optional<Emit>>(value)
                      .Case("exe", Emit::Exe)
                      .Case("shared", Emit::Shared)
                      .Case("obj", Emit::Object)
                      .Case("header", Emit::Header)
                      .Case("llvm", Emit::LLVM)
                      .Case("asm", Emit::Assembly)
                      .Case("ptx", Emit::PTX)
                      .Case("cubin", Emit::Cubin)
                      .Case("image", Emit::Image)
                      .Default(std::nullopt);
      if (!emit)
        return fail("expected --emit=exe, shared, obj, header, llvm, asm, ptx, "
                    "cubin or image, found '" +
                    value + "'");
      result.emit = *emit;
    } else if (value.consume_front("--runtime=")) {
      if (value != "none" && value != "static")
        return fail("expected --runtime=static or --runtime=none, found '" +
                    value + "'");
      result.link.runtime = value == "static";
    } else if (value.consume_front("--sanitize=")) {
      if (value != "thread")
        return fail("expected --sanitize=thread, found '" + value + "'");
      result.link.sanitizeThread = true;
      result.compiler.pipeline.parallel = false;
      // Masked accesses, which the sanitizer passes over, need vector units.
      if (result.compiler.pipeline.cpu == "native")
        result.compiler.pipeline.cpu = "x86-64";
    } else if (value.consume_front("--library-dir=")) {
      result.link.libraryDir = value.str();
    } else if (value.consume_front("--linker=")) {
      result.link.linker = value.str();
    } else if (value.consume_front("--chip=")) {
      result.device.chip = value.str();
    } else if (argument == "--report-kernels") {
      result.device.report = true;
    } else if (argument == "--check-accesses") {
      result.device.checkAccesses = true;
    } else if (argument == "--help") {
      result.help = true;
      return true;
    } else {
      return fail("unknown argument '" + argument + "'; try --help");
    }
  }
  if (result.compiler.file.empty())
    return fail("expected a file; try --help");
  if (result.output.empty())
    return fail("expected -o OUTPUT; try --help");
  bool links = result.emit == Emit::Exe || result.emit == Emit::Shared ||
               result.emit == Emit::Image;
  if (links && result.output == "-")
    return fail("an executable or library cannot go to standard output");
  if (!result.link.runtime && result.emit != Emit::Shared)
    return fail("only a shared library can do without the runtime");
  return true;
}

/// Adds the C function `main` that runs the program's descriptor.
static void addMain(llvm::Module &module, StringRef descriptor) {
  llvm::LLVMContext &context = module.getContext();
  auto *ptr = llvm::PointerType::getUnqual(context);
  auto *i32 = llvm::Type::getInt32Ty(context);
  // A host program may have that name; it is called through the descriptor.
  if (llvm::GlobalValue *taken = module.getNamedValue("main"))
    taken->setName("sym.main");
  llvm::FunctionCallee run = module.getOrInsertFunction(
      "sym_driver_main", llvm::FunctionType::get(i32, {i32, ptr, ptr}, false));
  auto *type = llvm::FunctionType::get(i32, {i32, ptr}, false);
  auto *main = llvm::Function::Create(type, llvm::Function::ExternalLinkage,
                                      "main", module);
  llvm::IRBuilder<> builder(llvm::BasicBlock::Create(context, "", main));
  builder.CreateRet(
      builder.CreateCall(run, {main->getArg(0), main->getArg(1),
                               module.getNamedGlobal(descriptor)}));
}

static int
writeFile(StringRef path,
          llvm::function_ref<llvm::Error(llvm::raw_pwrite_stream &)> write) {
  std::error_code code;
  llvm::ToolOutputFile file(path, code, llvm::sys::fs::OF_None);
  if (code)
    return fail("cannot open '" + path + "': " + code.message());
  // In memory first: standard output cannot be written out of order.
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream buffer(bytes);
  if (llvm::Error error = write(buffer))
    return fail(llvm::toString(std::move(error)));
  file.os() << buffer.str();
  file.os().flush();
  if (file.os().has_error()) {
    code = file.os().error();
    file.os().clear_error();
    return fail("cannot write '" + path + "': " + code.message());
  }
  file.keep();
  return 0;
}

namespace {
/// An object file that goes away.
struct TemporaryObject {
  /// Fills it with `module`, which is for `target`; not 0 where that fails.
  int write(llvm::Module &module, Target &target) {
    if (std::error_code code =
            llvm::sys::fs::createTemporaryFile("sym", "o", path))
      return fail("cannot make a temporary file: " + code.message());
    remover.setFile(path);
    return writeFile(path, [&](llvm::raw_pwrite_stream &os) {
      return target.emit(module, os, llvm::CodeGenFileType::ObjectFile);
    });
  }

  llvm::SmallString<128> path;
  llvm::FileRemover remover;
};
} // namespace

/// Compiles `module`, which is for `target`, and links it.
static int linkModule(llvm::Module &module, const Arguments &arguments,
                      Target &target, const char *argv0) {
  llvm::SmallVector<StringRef> libraries;
  for (const NeededLibrary &library : getNeededLibraries(module))
    libraries.push_back(library.option);
  LinkOptions options = arguments.link;
  options.device = module.getFunction("sym_rt_devices") != nullptr;
  TemporaryObject object;
  if (int code = object.write(module, target))
    return code;
  if (llvm::Error failure =
          link(object.path, arguments.output, libraries, options, argv0))
    return fail(llvm::toString(std::move(failure)));
  return 0;
}

/// Writes the kernels in `code` for the simulated GPU.
static int emitImage(DeviceCode &code, Arguments &arguments, Target &target,
                     const char *argv0) {
  auto module = code.takeImage(arguments.device.checkAccesses);
  if (!module)
    return fail(llvm::toString(module.takeError()));
  if (llvm::Error error = target.optimize(**module))
    return fail(llvm::toString(std::move(error)));
  arguments.link.shared = true;
  arguments.link.runtime = false;
  return linkModule(**module, arguments, target, argv0);
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  Arguments arguments;
  std::string error;
  if (!parseArguments({argv + 1, argv + argc}, arguments, error))
    return fail(error);
  if (arguments.help) {
    llvm::outs() << kHelp << getCompilerHelp();
    return 0;
  }

  auto target = Target::create(arguments.compiler.pipeline.cpu);
  if (!target)
    return fail(llvm::toString(target.takeError()));
  (*target)->setSanitizeThread(arguments.link.sanitizeThread);
  if (arguments.emitsKernels())
    arguments.compiler.pipeline.target = "cuda";
  Source source("sym-compile", arguments.compiler.pipeline);
  if (failed(source.parse(arguments.compiler.file)))
    return 1;
  if (arguments.emit == Emit::Header)
    return writeFile(arguments.output, [&](llvm::raw_pwrite_stream &os) {
      writeHeader(source.getModule(), source.getName(),
                  llvm::sys::path::filename(arguments.compiler.file), os);
      return llvm::Error::success();
    });

  if (arguments.emitsKernels()) {
    auto code =
        compileKernels(source, arguments.compiler.pipeline, arguments.device);
    if (!code)
      return fail(llvm::toString(code.takeError()));
    if (arguments.emit == Emit::Image)
      return emitImage(*code, arguments, **target, argv[0]);
    return writeFile(
        arguments.output, [&](llvm::raw_pwrite_stream &os) -> llvm::Error {
          std::string report;
          llvm::Expected<std::string> bytes = arguments.emit == Emit::PTX
                                                  ? code->emitPTX()
                                                  : code->emitCubin(&report);
          if (!bytes)
            return bytes.takeError();
          if (arguments.device.report)
            llvm::errs() << report;
          os << *bytes;
          return llvm::Error::success();
        });
  }

  if (failed(source.lower(arguments.compiler.pipeline)))
    return 1;
  llvm::LLVMContext context;
  auto module = (*target)->translate(source.getModule(), context);
  if (!module)
    return fail(llvm::toString(module.takeError()));
  std::string descriptor = getDescriptorSymbol(source.getModule());

  switch (arguments.emit) {
  case Emit::LLVM:
    return writeFile(arguments.output, [&](llvm::raw_pwrite_stream &os) {
      (*module)->print(os, nullptr);
      return llvm::Error::success();
    });
  case Emit::Assembly:
    return writeFile(arguments.output, [&](llvm::raw_pwrite_stream &os) {
      return (*target)->emit(**module, os, llvm::CodeGenFileType::AssemblyFile);
    });
  case Emit::Object:
    return writeFile(arguments.output, [&](llvm::raw_pwrite_stream &os) {
      return (*target)->emit(**module, os, llvm::CodeGenFileType::ObjectFile);
    });
  default:
    break;
  }

  arguments.link.shared = arguments.emit == Emit::Shared;
  if (!arguments.link.shared)
    addMain(**module, descriptor);
  return linkModule(**module, arguments, **target, argv[0]);
}
