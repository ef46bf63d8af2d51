//===- Mutate.h - Changes programs at random -------------------*- C++ -*-===//

#ifndef SYM_TEST_FUZZ_MUTATE_H
#define SYM_TEST_FUZZ_MUTATE_H

#include "mlir/IR/BuiltinOps.h"

#include <random>

namespace mlir::sym {

/// Makes `count` changes in the structure of `module`: operands, constants,
/// other attributes, types, the order of operations, the operations themselves.
/// The result may not verify.
void mutate(ModuleOp module, std::mt19937_64 &rng, unsigned count);

} // namespace mlir::sym

#endif // SYM_TEST_FUZZ_MUTATE_H
