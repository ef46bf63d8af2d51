//===- sym-compile.cpp - Compile a program ahead of time ------------------===//

#include "Header.h"
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
    "  -o OUTPUT\n"
    "  --runtime=none      leave the runtime out of a shared library\n"
    "  --library-dir=DIR   where libSymRuntime.a and libSymDriver.a are\n"
    "  --sanitize=thread   instrument for ThreadSanitizer, the runtime too; "
    "no\n"
    "                      parallel loops, since OpenMP's is not\n"
    "  --linker=PROGRAM    the C++ compiler that links\n"
    "  --help              print this\n";

static int fail(const llvm::Twine &message) {
  llvm::errs() << "sym-compile: error: " << message << "\n";
  return 1;
}

namespace {
enum class Emit { Exe, Shared, Object, Header, LLVM, Assembly };

struct Arguments {
  CompilerArguments compiler;
  LinkOptions link;
  Emit emit = Emit::Exe;
  std::string output;
  bool help = false;
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
                      .Default(std::nullopt);
      if (!emit)
        return fail("expected --emit=exe, shared, obj, header, llvm or asm, "
                    "found '" +
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
  bool links = result.emit == Emit::Exe || result.emit == Emit::Shared;
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
  Source source("sym-compile");
  if (failed(source.parse(arguments.compiler.file)))
    return 1;
  if (arguments.emit == Emit::Header)
    return writeFile(arguments.output, [&](llvm::raw_pwrite_stream &os) {
      writeHeader(source.getModule(), source.getName(),
                  llvm::sys::path::filename(arguments.compiler.file), os);
      return llvm::Error::success();
    });

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
  llvm::SmallVector<StringRef> libraries;
  for (const NeededLibrary &library : getNeededLibraries(**module))
    libraries.push_back(library.option);
  llvm::SmallString<128> object;
  if (std::error_code code =
          llvm::sys::fs::createTemporaryFile("sym", "o", object))
    return fail("cannot make a temporary file: " + code.message());
  llvm::FileRemover remover(object);
  if (int code = writeFile(object, [&](llvm::raw_pwrite_stream &os) {
        return (*target)->emit(**module, os, llvm::CodeGenFileType::ObjectFile);
      }))
    return code;
  if (llvm::Error failure =
          link(object, arguments.output, libraries, arguments.link, argv[0]))
    return fail(llvm::toString(std::move(failure)));
  return 0;
}
