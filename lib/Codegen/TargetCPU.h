//===- TargetCPU.h - What code generation knows of a CPU ------*- C++ -*-===//

#ifndef SYM_LIB_CODEGEN_TARGETCPU_H
#define SYM_LIB_CODEGEN_TARGETCPU_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/StringRef.h"

namespace mlir::sym {

/// The vector unit of an x86-64 CPU, as far as lowering depends on it.
struct TargetCPU {
  /// 128, 256 or 512; 512 only where the CPU prefers it.
  unsigned vectorBits = 128;
  /// Fused multiply-add.
  bool fma = false;

  /// The letter of the vector function ABI: 'b' SSE, 'd' AVX2, 'e' AVX-512.
  char getVectorABILetter() const {
    return vectorBits == 512 ? 'e' : vectorBits == 256 ? 'd' : 'b';
  }

  /// The CPU of this name; 'native' is the machine that compiles. Fails, with a
  /// diagnostic at `op`, on a name that LLVM does not know.
  static FailureOr<TargetCPU> get(llvm::StringRef name, Operation *op);
};

} // namespace mlir::sym

#endif // SYM_LIB_CODEGEN_TARGETCPU_H
