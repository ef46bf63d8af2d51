//===- Passes.td - Passes of sym/Conversion ---*- tablegen -*-===//

#ifndef SYM_CONVERSION_PASSES_TD
#define SYM_CONVERSION_PASSES_TD

include "mlir/Pass/PassBase.td"

#endif // SYM_CONVERSION_PASSES_TD
