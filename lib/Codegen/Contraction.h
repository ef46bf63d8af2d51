//===- Contraction.h - Matrix products in one form -------------*- C++ -*-===//

#ifndef SYM_LIB_CODEGEN_CONTRACTION_H
#define SYM_LIB_CODEGEN_CONTRACTION_H

#include "TargetCPU.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

#include <optional>

namespace mlir::sym {

/// C[m, n] += A[m, k] * B[k, n], possibly for each of some batch dimensions, of
/// f32 or f64. `n` is the dimension along which C is contiguous, whichever
/// operand of the operation it came from; without `m` it is a product of a
/// vector and a matrix.
struct Contraction {
  linalg::LinalgOp op;
  OpOperand *a;
  OpOperand *b;
  OpOperand *c;
  std::optional<unsigned> m;
  unsigned n;
  unsigned k;
  SmallVector<unsigned> batch;
  /// Whether A is contiguous along m rather than k, and B along k rather than
  /// n.
  bool transposedA = false;
  bool transposedB = false;
  /// The fill that sets C to zero just before; the product can do without.
  linalg::FillOp zero;

  /// The contraction that `op` computes, if it is one of this form.
  static std::optional<Contraction> match(linalg::LinalgOp op);

  Type getElementType() const;
};

/// The columns that the kernel below takes at once.
int64_t getKernelColumns(const Contraction &product, const TargetCPU &cpu);

/// Emits C += A * B in vector registers (C = A * B if C is cleared before) for
/// the columns from `begin` to `end`, of any number; B must be contiguous along
/// n. `sizes` and `ivs` are those of the loops of the operation; ivs of batch
/// dimensions are set. Each element of C is one chain of fused multiply-adds in
/// the order of k, wherever it stands (T9).
void emitProductKernel(ImplicitLocOpBuilder &b, const Contraction &product,
                       const TargetCPU &cpu, ArrayRef<Value> sizes,
                       ArrayRef<Value> ivs, Value begin, Value end);

} // namespace mlir::sym

#endif // SYM_LIB_CODEGEN_CONTRACTION_H
