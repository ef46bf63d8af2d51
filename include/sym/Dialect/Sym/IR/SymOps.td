//===- SymOps.td - Operations of the sym dialect -----------*- tablegen -*-===//
//
// By where they stand: module level, bodies of functions and expressions, host
// programs, and what the stages of the pipeline leave for the next one.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_OPS_TD
#define SYM_OPS_TD

include "sym/Dialect/Sym/IR/SymModuleOps.td"
include "sym/Dialect/Sym/IR/SymBodyOps.td"
include "sym/Dialect/Sym/IR/SymHostOps.td"
include "sym/Dialect/Sym/IR/SymStageOps.td"

#endif // SYM_OPS_TD
