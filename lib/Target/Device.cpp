//===- Device.cpp - From kernels to code for a GPU ------------------------===//

#include "sym/Target/Device.h"

#include "sym/Target/Target.h"

#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/IndexToLLVM/IndexToLLVM.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/MemRefToLLVM/MemRefToLLVM.h"
#include "mlir/Conversion/NVVMToLLVM/NVVMToLLVM.h"
#include "mlir/Conversion/UBToLLVM/UBToLLVM.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVM.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Target/LLVM/NVVM/Target.h"
#include "mlir/Target/LLVM/NVVM/Utils.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/GPU/GPUToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/NVVM/NVVMToLLVMIRTranslation.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Target/TargetMachine.h"

#include <cmath>
#include <dlfcn.h>

using namespace mlir;
using namespace mlir::sym;

/// What the IR is compiled for; and the version of PTX that the oldest driver
/// reads which knows kernels with more than 4 KiB of parameters.
static constexpr StringLiteral kTriple = "nvptx64-nvidia-cuda";
static constexpr StringLiteral kFeatures = "+ptx81";

void mlir::sym::registerDeviceDialects(DialectRegistry &registry) {
  registry.insert<gpu::GPUDialect, NVVM::NVVMDialect>();
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  registerGPUDialectTranslation(registry);
  registerNVVMDialectTranslation(registry);
  NVVM::registerNVVMTargetInterfaceExternalModels(registry);
  // What kernels are made of, for convert-gpu-to-nvvm.
  arith::registerConvertArithToLLVMInterface(registry);
  cf::registerConvertControlFlowToLLVMInterface(registry);
  index::registerConvertIndexToLLVMInterface(registry);
  registerConvertMathToLLVMInterface(registry);
  registerConvertMemRefToLLVMInterface(registry);
  registerConvertNVVMToLLVMInterface(registry);
  ub::registerConvertUBToLLVMInterface(registry);
  vector::registerConvertVectorToLLVMInterface(registry);
}

llvm::Expected<std::string> mlir::sym::findCUDAToolkit(StringRef wanted) {
  std::string folder = wanted.empty() ? SYM_CUDA_TOOLKIT : wanted.str();
  if (folder.empty())
    return llvm::createStringError(
        "found no CUDA toolkit when sym was built; --cuda-toolkit names its "
        "folder");
  for (StringRef part : {"nvvm/libdevice/libdevice.10.bc", "bin/ptxas"}) {
    llvm::SmallString<128> path(folder);
    llvm::sys::path::append(path, part);
    if (!llvm::sys::fs::exists(path))
      return llvm::createStringError(
          "expected a CUDA toolkit in '" + folder + "', found no '" + part +
          "' there; --cuda-toolkit names its folder");
  }
  return folder;
}

namespace {
/// Bitcode of the kernels with the toolkit's library, optimised.
class Serializer : public NVVM::SerializeGPUModuleBase {
public:
  using SerializeGPUModuleBase::SerializeGPUModuleBase;
};
} // namespace

/// The library's square roots are approximate unless they are asked for by the
/// names of those that round.
static void roundSquareRoots(llvm::Module &module) {
  for (auto [approximate, rounded] : {std::pair("__nv_sqrtf", "__nv_fsqrt_rn"),
                                      std::pair("__nv_sqrt", "__nv_dsqrt_rn")})
    if (llvm::Function *function = module.getFunction(approximate))
      function->setName(rounded);
}

llvm::Expected<DeviceCode> DeviceCode::create(gpu::GPUModuleOp kernels,
                                              StringRef chip,
                                              StringRef toolkit) {
  DeviceCode code;
  code.chip = chip.str();
  code.toolkit = toolkit.str();
  unsigned number = 0;
  if (!chip.starts_with("sm_") || chip.drop_front(3).getAsInteger(10, number) ||
      number < 80)
    return llvm::createStringError(
        "expected an architecture from sm_80 on, found '" + chip + "'");

  NVVM::SerializeGPUModuleBase::init();
  auto target = NVVM::NVVMTargetAttr::get(kernels.getContext(), /*O=*/3,
                                          kTriple, chip, kFeatures);
  gpu::TargetOptions options(toolkit, {}, {}, {},
                             gpu::CompilationTarget::Offload, {},
                             roundSquareRoots);
  Serializer serializer(*kernels, target, options);
  if (failed(serializer.appendStandardLibs()))
    return llvm::createStringError("cannot read the CUDA toolkit's libdevice");
  std::optional<SmallVector<char, 0>> bitcode = serializer.run();
  if (!bitcode)
    return llvm::createStringError("the kernels do not compile for " + chip);
  code.context = std::make_unique<llvm::LLVMContext>();
  auto module = llvm::parseBitcodeFile(
      llvm::MemoryBufferRef({bitcode->data(), bitcode->size()}, "kernels"),
      *code.context);
  if (!module)
    return module.takeError();
  code.module = std::move(*module);
  // A declaration that is no intrinsic is a function that no library has.
  for (llvm::Function &function : *code.module)
    if (function.isDeclaration() && !function.isIntrinsic() &&
        !function.use_empty())
      return llvm::createStringError("no library for " + chip +
                                     " has the function '" +
                                     function.getName() + "'");
  return code;
}

llvm::Expected<std::string> DeviceCode::emitPTX() {
  llvm::Triple triple(kTriple);
  std::string error;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return llvm::createStringError(error);
  std::unique_ptr<llvm::TargetMachine> machine(target->createTargetMachine(
      triple, chip, kFeatures, {}, std::nullopt, std::nullopt,
      llvm::CodeGenOptLevel::Aggressive));
  llvm::SmallVector<char, 0> text;
  llvm::raw_svector_ostream os(text);
  llvm::legacy::PassManager passes;
  if (!machine || machine->addPassesToEmitFile(
                      passes, os, nullptr, llvm::CodeGenFileType::AssemblyFile))
    return llvm::createStringError("cannot generate PTX for " + chip);
  passes.run(*module);
  return os.str().str();
}

namespace {
/// A file that goes away.
struct TemporaryFile {
  static llvm::Expected<TemporaryFile> create(StringRef suffix) {
    TemporaryFile file;
    if (std::error_code code =
            llvm::sys::fs::createTemporaryFile("sym", suffix, file.path))
      return llvm::createStringError("cannot make a temporary file: " +
                                     code.message());
    file.remover = std::make_unique<llvm::FileRemover>(file.path);
    return std::move(file);
  }
  llvm::Expected<std::string> read() const {
    auto buffer = llvm::MemoryBuffer::getFile(path);
    if (!buffer)
      return llvm::createStringError("cannot read '" + path +
                                     "': " + buffer.getError().message());
    return (*buffer)->getBuffer().str();
  }
  llvm::Error write(StringRef bytes) const {
    std::error_code code;
    llvm::raw_fd_ostream os(path, code);
    os << bytes;
    os.close();
    if (code || os.has_error()) {
      os.clear_error();
      return llvm::createStringError("cannot write '" + path + "'");
    }
    return llvm::Error::success();
  }

  llvm::SmallString<128> path;
  std::unique_ptr<llvm::FileRemover> remover;
};
} // namespace

/// Runs a program and returns what it said; an error if that went wrong begins
/// with `what`.
static llvm::Expected<std::string> runTool(StringRef what,
                                           ArrayRef<StringRef> arguments) {
  auto log = TemporaryFile::create("log");
  if (!log)
    return log.takeError();
  std::string problem;
  std::optional<StringRef> redirects[] = {StringRef(), StringRef(log->path),
                                          StringRef(log->path)};
  int exit = llvm::sys::ExecuteAndWait(arguments.front(), arguments,
                                       std::nullopt, redirects, 0, 0, &problem);
  llvm::Expected<std::string> text = log->read();
  if (!text)
    return text.takeError();
  if (exit != 0)
    return llvm::createStringError(what +
                                   " failed: " + llvm::join(arguments, " ") +
                                   ": " + (problem.empty() ? *text : problem));
  return text;
}

llvm::Expected<std::string> DeviceCode::emitCubin(std::string *report) {
  llvm::Expected<std::string> ptx = emitPTX();
  if (!ptx)
    return ptx.takeError();
  auto input = TemporaryFile::create("ptx");
  auto output = TemporaryFile::create("cubin");
  for (auto *file : {&input, &output})
    if (!*file)
      return file->takeError();
  if (llvm::Error error = input->write(*ptx))
    return std::move(error);
  llvm::SmallString<128> assembler(toolkit);
  llvm::sys::path::append(assembler, "bin", "ptxas");
  std::string architecture = "-arch=" + chip;
  llvm::Expected<std::string> text =
      runTool("assembling",
              {assembler, "-v", architecture, "-o", output->path, input->path});
  if (!text)
    return text.takeError();
  if (report)
    *report = *text;
  return output->read();
}

llvm::Expected<std::string> DeviceCode::emitImage(Target &machine,
                                                  bool instrument) {
  auto image = takeImage(instrument);
  if (!image)
    return image.takeError();
  if (llvm::Error error = machine.optimize(**image))
    return std::move(error);
  auto input = TemporaryFile::create("o");
  auto output = TemporaryFile::create("so");
  for (auto *file : {&input, &output})
    if (!*file)
      return file->takeError();
  llvm::SmallVector<char, 0> object;
  llvm::raw_svector_ostream os(object);
  if (llvm::Error error =
          machine.emit(**image, os, llvm::CodeGenFileType::ObjectFile))
    return std::move(error);
  if (llvm::Error error = input->write(os.str()))
    return std::move(error);
  llvm::ErrorOr<std::string> linker =
      llvm::sys::findProgramByName("ld.lld-" + Twine(LLVM_VERSION_MAJOR).str());
  for (StringRef name : {"ld.lld", "ld"})
    if (!linker)
      linker = llvm::sys::findProgramByName(name);
  if (!linker)
    return llvm::createStringError("found no linker for the simulated GPU's "
                                   "image; looked for ld.lld and ld");
  // The one that this process computes with; the linker alone would not know
  // where it is.
  Dl_info mathematics;
  if (!dladdr(reinterpret_cast<void *>(static_cast<double (*)(double)>(exp2)),
              &mathematics))
    return llvm::createStringError("cannot find the C library's mathematics");
  llvm::Expected<std::string> text =
      runTool("linking", {*linker, "-shared", "-o", output->path, input->path,
                          "--as-needed", mathematics.dli_fname});
  if (!text)
    return text.takeError();
  return output->read();
}

llvm::Expected<std::unique_ptr<llvm::Module>>
DeviceCode::takeImage(bool instrument) {
  unsigned arch = 0;
  (void)StringRef(chip).drop_front(3).getAsInteger(10, arch);
  if (llvm::Error error = makeSimulatedImage(*module, arch, instrument))
    return error;
  return std::move(module);
}
