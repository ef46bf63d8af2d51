//===- SymDialect.td - The sym dialect ---------------------*- tablegen -*-===//

#ifndef SYM_DIALECT_TD
#define SYM_DIALECT_TD

include "mlir/IR/OpBase.td"

def Sym_Dialect : Dialect {
  let name = "sym";
  let cppNamespace = "::mlir::sym";
  let summary = "Shared variables, functions that update them, and borrows";
  let description = [{
    The `sym` dialect adds state to tensor programs. It holds only what upstream
    lacks: shared variables, functions with updates and givens, borrows, and the
    host program that calls them. Tensor mathematics is upstream's (`arith`,
    `math`, `linalg`, `tensor`, `scf`).

    A call of a `sym.func` is a transaction: it reads every shared variable it
    uses at one instant, and commits all its updates at one instant, or fails
    and changes nothing. `docs/spec.md` states the rules (S, T, B, C) and the
    labelled constraints of the operations (`func_c1`, …).

    ```mlir
    sym.shared @state : tensor<i64> = dense<0>

    sym.func @accumulator(%inc: tensor<i64>) -> tensor<i64> {
      %s = sym.read @state : tensor<i64>
      %next = arith.addi %s, %inc : tensor<i64>
      sym.return %s : tensor<i64> updates(@state = %next : tensor<i64>)
    }

    func.func @main() {
      %one = arith.constant dense<1> : tensor<i64>
      %old = sym.call @accumulator(%one) : (tensor<i64>) -> tensor<i64>
      sym.print %old : tensor<i64>
      return
    }
    ```
  }];
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
  let hasRegionArgAttrVerify = 1;
  let hasRegionResultAttrVerify = 1;
  let extraClassDeclaration = [{
    /// Argument attribute: the caller lends the argument, no copy is made (B4).
    /// Result attribute: the result may alias state that it pins (B2).
    static constexpr ::llvm::StringLiteral kBorrowAttrName = "sym.borrow";
    /// Argument attribute: the function may overwrite the argument.
    static constexpr ::llvm::StringLiteral kMutableAttrName = "sym.mutable";
    /// Argument attribute of lowered functions: the buffer of a relaxed
    /// variable, which other calls may access at the same time (T7). Also the
    /// name of the alias scope of what accesses it.
    static constexpr ::llvm::StringLiteral kRelaxedAttrName = "sym.relaxed";
  }];
}

class Sym_Op<string mnemonic, list<Trait> traits = []>
    : Op<Sym_Dialect, mnemonic, traits>;

#endif // SYM_DIALECT_TD
