// Givens are simultaneous: two variables stand for each other.
// RUN: sym-runner %s | FileCheck %s

sym.shared @a : tensor<i64> = dense<1>
sym.shared @b : tensor<i64> = dense<2>
sym.expr @pair() -> tensor<i64> {
  %a = sym.read @a : tensor<i64>
  %b = sym.read @b : tensor<i64>
  %ten = arith.constant dense<10> : tensor<i64>
  %t = arith.muli %a, %ten : tensor<i64>
  %r = arith.addi %t, %b : tensor<i64>
  sym.yield %r : tensor<i64>
}
sym.func @f() -> tensor<i64> {
  %a = sym.read @a : tensor<i64>
  %b = sym.read @b : tensor<i64>
  %r = sym.eval @pair() givens(@a = %b : tensor<i64>, @b = %a : tensor<i64>) : () -> tensor<i64>
  sym.return %r : tensor<i64>
}
func.func @main() {
  %x = sym.call @f() : () -> tensor<i64>
  // CHECK: 21
  sym.print %x : tensor<i64>
  return
}
