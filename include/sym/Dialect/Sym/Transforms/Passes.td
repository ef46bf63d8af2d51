//===- Passes.td - Passes of sym/Dialect/Sym/Transforms ---*- tablegen -*-===//

#ifndef SYM_DIALECT_SYM_TRANSFORMS_PASSES_TD
#define SYM_DIALECT_SYM_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

#endif // SYM_DIALECT_SYM_TRANSFORMS_PASSES_TD
