//===- NestingLimit.h - Refuses text that is nested too deeply -*- C++ -*-===//
//
// The parser, the verifier and the printer of MLIR recurse over what is nested,
// so that hostile text overflows their stack: 8 MB hold some 10,000 nested
// operations. A tool that reads text it does not trust looks at it here first.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_SUPPORT_NESTINGLIMIT_H
#define SYM_SUPPORT_NESTINGLIMIT_H

#include "llvm/Support/LogicalResult.h"
#include "llvm/Support/raw_ostream.h"

namespace llvm {
class MemoryBuffer;
} // namespace llvm

namespace mlir::sym {

/// How deeply text may be nested: brackets, what aliases stand for, and
/// operators in a row.
inline constexpr unsigned kNestingLimit = 1000;

/// The greatest N of `%a#N`: a number is enough for the parser to ask for the
/// memory of as many results.
inline constexpr unsigned kResultLimit = 1 << 20;

/// Fails, with one diagnostic, if the buffer holds text that is nested too
/// deeply, or a result number above `kResultLimit`. Bytecode passes.
llvm::LogicalResult checkNesting(const llvm::MemoryBuffer &buffer,
                                 llvm::raw_ostream &errors = llvm::errs(),
                                 unsigned limit = kNestingLimit);

} // namespace mlir::sym

#endif // SYM_SUPPORT_NESTINGLIMIT_H
