// What must have happened before functionalizing.
// RUN: sym-opt --sym-functionalize --verify-diagnostics %s

sym.expr @e() -> tensor<i64> {
  %z = arith.constant dense<0> : tensor<i64>
  sym.yield %z : tensor<i64>
}

sym.func @f() -> tensor<i64> {
  // expected-error @below {{'sym.eval' op must have been resolved before functionalizing}}
  %r = sym.eval @e() : () -> tensor<i64>
  sym.return %r : tensor<i64>
}
