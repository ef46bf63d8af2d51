//===- Variants.h - The compiled variants of an entry ------*- C++ -*-===//
//
// What the passes of the stage `buffers` share: which function is a variant of
// which entry, which of its arguments are sources, and where it writes them.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_DIALECT_SYM_TRANSFORMS_VARIANTS_H
#define SYM_LIB_DIALECT_SYM_TRANSFORMS_VARIANTS_H

#include "sym/Dialect/Sym/IR/Sym.h"

#include "mlir/Dialect/Bufferization/Transforms/BufferViewFlowAnalysis.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::sym {

/// One variant of an entry, or both where they are the same function.
struct Variant {
  // Handles: what they name can be changed through a const one.
  mutable EntryOp entry;
  mutable func::FuncOp function;
  /// Whether slots may be in place: the variant of the name, if the entry has
  /// two.
  bool inPlace;

  unsigned getNumArguments() const {
    return entry.getFunctionType().getNumInputs();
  }
  unsigned getNumResults() const {
    return entry.getFunctionType().getNumResults();
  }
  unsigned getNumSources() const { return entry.getReads().size(); }
  unsigned getNumUpdates() const { return entry.getUpdates().size(); }

  /// The value before the call of the variable that `reads` names at `source`.
  BlockArgument getSource(unsigned source) const {
    return function.getArgument(getNumArguments() + source);
  }
  /// The position in `reads` of an argument, if it is a source.
  std::optional<unsigned> getSourceIndex(Value value) const;
  /// The position in `reads` of the variable that update `update` replaces.
  std::optional<unsigned> getSourceOfUpdate(unsigned update) const;
  /// The position in `updates` of the variable of a source.
  std::optional<unsigned> getUpdateOfSource(unsigned source) const;
  /// Whether bufferization may write the buffer of a source.
  bool isWritable(unsigned source) const;
  Block &getBlock() const { return function.getBody().front(); }

  ArrayAttr getSlots() const {
    return inPlace ? *entry.getInplaceSlots() : *entry.getOutofplaceSlots();
  }
  /// Sets the slots of every variant that is this function.
  void setSlots(ArrayRef<Attribute> slots);
};

/// The variants in `module`, each function once. Fails, with a diagnostic, if
/// an entry still has a body or names what is not a function of one block.
LogicalResult collectVariants(ModuleOp module,
                              SmallVectorImpl<Variant> &variants);
/// The same of one entry.
LogicalResult collectVariants(EntryOp entry,
                              SmallVectorImpl<Variant> &variants);

/// Gives the in-place variant up: the other one serves in its place too. The
/// out-of-place variant is left as it is.
void replaceByOutOfPlace(Variant &variant);

/// The buffers that may be views of a source, and the operations that write
/// them. Valid until the function changes.
class SourceAccess {
public:
  explicit SourceAccess(const Variant &variant);

  struct Write {
    Operation *op;
    unsigned source;
  };
  /// In the order of the function.
  ArrayRef<Write> getWrites() const { return writes; }
  bool isWritten(unsigned source) const;
  /// Whether the variant may write an argument of its function, be it a source
  /// or not.
  bool isArgumentWritten(BlockArgument argument) const {
    return writtenArguments.contains(argument);
  }
  /// Whether `value` may share memory with any source.
  bool mayAliasSource(Value value) const;

private:
  SmallVector<BufferViewFlowAnalysis::ValueSetT> aliases;
  SmallVector<Write> writes;
  llvm::SmallDenseSet<BlockArgument> writtenArguments;
};

/// Calls `callback` for each buffer that `op` itself, not what it contains,
/// may write.
void forEachWrittenBuffer(Operation *op, function_ref<void(Value)> callback);

/// Whether `op` itself can end the call (T4).
bool isFallible(Operation *op);

/// Whether `second` may run after `first` in one run of their function; loops
/// count.
bool mayRunAfter(Operation *first, Operation *second);

} // namespace mlir::sym

#endif // SYM_LIB_DIALECT_SYM_TRANSFORMS_VARIANTS_H
