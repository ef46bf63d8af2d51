//===- TargetCPU.cpp - What code generation knows of a CPU ------------===//

#include "TargetCPU.h"

#include "mlir/IR/Operation.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/X86TargetParser.h"

using namespace mlir;
using namespace mlir::sym;

FailureOr<TargetCPU> TargetCPU::get(llvm::StringRef name, Operation *op) {
  auto make = [](auto has) {
    TargetCPU cpu;
    cpu.fma = has("fma");
    // AVX without AVX2 has no integer vectors, which the library's versions
    // for it emulate by two calls; the SSE versions are those calls.
    if (has("avx2"))
      cpu.vectorBits = 256;
    if (has("avx512f") && has("avx512dq") && has("avx512vl"))
      cpu.vectorBits = 512;
    return cpu;
  };
  if (name == "native") {
    llvm::StringMap<bool> features = llvm::sys::getHostCPUFeatures();
    return make([&](llvm::StringRef f) { return features.lookup(f); });
  }
  if (llvm::X86::parseArchX86(name, /*Only64Bit=*/true) == llvm::X86::CK_None)
    return op->emitError("unknown target CPU '") << name << "'";
  SmallVector<llvm::StringRef> features;
  llvm::X86::getFeaturesForCPU(name, features);
  // The list leaves out what its members imply.
  llvm::StringMap<bool> all;
  for (llvm::StringRef feature : features) {
    all[feature] = true;
    llvm::X86::updateImpliedFeatures(feature, /*Enabled=*/true, all);
  }
  return make([&](llvm::StringRef f) { return all.lookup(f); });
}
