//===- BufferizableOpInterfaceImpl.h - Buffers of host programs *- C++ -*-===//

#ifndef SYM_DIALECT_SYM_TRANSFORMS_BUFFERIZABLEOPINTERFACEIMPL_H
#define SYM_DIALECT_SYM_TRANSFORMS_BUFFERIZABLEOPINTERFACEIMPL_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace mlir::sym {

/// Tells One-Shot Bufferize about the operations of host programs.
void registerBufferizableOpInterfaceExternalModels(DialectRegistry &registry);

} // namespace mlir::sym

#endif // SYM_DIALECT_SYM_TRANSFORMS_BUFFERIZABLEOPINTERFACEIMPL_H
