//===- Passes.td - Passes of sym/Codegen ---*- tablegen -*-===//

#ifndef SYM_CODEGEN_PASSES_TD
#define SYM_CODEGEN_PASSES_TD

include "mlir/Pass/PassBase.td"

#endif // SYM_CODEGEN_PASSES_TD
