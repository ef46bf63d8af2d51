// Evaluations that cannot be resolved.
// RUN: sym-opt --sym-resolve-evals=max-operations=1000 --verify-diagnostics --split-input-file %s

// A host program has no snapshot that a read could see.

sym.shared @a : tensor<i64>

// expected-note @below {{in this expression}}
sym.expr @get() -> tensor<i64> {
  // expected-error @below {{'sym.read' op of @a needs a given outside a sym.func}}
  %a = sym.read @a : tensor<i64>
  sym.yield %a : tensor<i64>
}
func.func @main() -> tensor<i64> {
  %r = sym.eval @get() : () -> tensor<i64>
  return %r : tensor<i64>
}

// -----

// Every level doubles the operations.

// expected-note @below {{expression declared here}}
sym.expr @e0(%x: tensor<i64>) -> tensor<i64> {
  %r = arith.addi %x, %x : tensor<i64>
  %s = arith.muli %r, %x : tensor<i64>
  %t = arith.muli %s, %x : tensor<i64>
  sym.yield %t : tensor<i64>
}
sym.expr @e1(%x: tensor<i64>) -> tensor<i64> {
  // expected-error @below {{'sym.eval' op makes evaluations add more than 1000 operations to the module}}
  %y = sym.eval @e0(%x) : (tensor<i64>) -> tensor<i64>
  %z = sym.eval @e0(%y) : (tensor<i64>) -> tensor<i64>
  sym.yield %z : tensor<i64>
}
sym.expr @e2(%x: tensor<i64>) -> tensor<i64> {
  %y = sym.eval @e1(%x) : (tensor<i64>) -> tensor<i64>
  %z = sym.eval @e1(%y) : (tensor<i64>) -> tensor<i64>
  sym.yield %z : tensor<i64>
}
sym.expr @e3(%x: tensor<i64>) -> tensor<i64> {
  %y = sym.eval @e2(%x) : (tensor<i64>) -> tensor<i64>
  %z = sym.eval @e2(%y) : (tensor<i64>) -> tensor<i64>
  sym.yield %z : tensor<i64>
}
sym.expr @e4(%x: tensor<i64>) -> tensor<i64> {
  %y = sym.eval @e3(%x) : (tensor<i64>) -> tensor<i64>
  %z = sym.eval @e3(%y) : (tensor<i64>) -> tensor<i64>
  sym.yield %z : tensor<i64>
}
sym.expr @e5(%x: tensor<i64>) -> tensor<i64> {
  %y = sym.eval @e4(%x) : (tensor<i64>) -> tensor<i64>
  %z = sym.eval @e4(%y) : (tensor<i64>) -> tensor<i64>
  sym.yield %z : tensor<i64>
}
sym.expr @e6(%x: tensor<i64>) -> tensor<i64> {
  %y = sym.eval @e5(%x) : (tensor<i64>) -> tensor<i64>
  %z = sym.eval @e5(%y) : (tensor<i64>) -> tensor<i64>
  sym.yield %z : tensor<i64>
}
sym.expr @e7(%x: tensor<i64>) -> tensor<i64> {
  %y = sym.eval @e6(%x) : (tensor<i64>) -> tensor<i64>
  %z = sym.eval @e6(%y) : (tensor<i64>) -> tensor<i64>
  sym.yield %z : tensor<i64>
}
sym.func @f(%x: tensor<i64>) -> tensor<i64> {
  %y = sym.eval @e7(%x) : (tensor<i64>) -> tensor<i64>
  %z = sym.eval @e7(%y) : (tensor<i64>) -> tensor<i64>
  sym.return %z : tensor<i64>
}
