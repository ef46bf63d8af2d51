//===- InitAll.h - Registration of everything that sym has -*- C++ -*-===//

#ifndef SYM_INITALL_H
#define SYM_INITALL_H

#include "sym/Codegen/Device/Passes.h"
#include "sym/Codegen/Passes.h"
#include "sym/Conversion/Passes.h"
#include "sym/Dialect/Sym/IR/Sym.h"
#include "sym/Dialect/Sym/Transforms/BufferizableOpInterfaceImpl.h"
#include "sym/Dialect/Sym/Transforms/Passes.h"
#include "sym/Pipelines/Pipelines.h"

namespace mlir::sym {

/// Registers the dialect and the external models of its operations.
inline void registerAllDialects(DialectRegistry &registry) {
  registry.insert<SymDialect>();
  registerBufferizableOpInterfaceExternalModels(registry);
}

/// Registers every pass and pipeline.
inline void registerAllPasses() {
  registerSymTransformsPasses();
  registerSymCodegenPasses();
  registerSymDevicePasses();
  registerSymConversionPasses();
  registerSymPipelines();
}

} // namespace mlir::sym

#endif // SYM_INITALL_H
