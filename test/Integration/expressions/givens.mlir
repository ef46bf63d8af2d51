// A given stands in the place of a variable, which is neither read nor changed.
// RUN: sym-runner %s | FileCheck %s

sym.shared @s : tensor<i64> = dense<10>
sym.shared @unset : tensor<i64>
sym.expr @square() -> tensor<i64> {
  %s = sym.read @s : tensor<i64>
  %q = arith.muli %s, %s : tensor<i64>
  sym.yield %q : tensor<i64>
}
sym.expr @of_unset() -> tensor<i64> {
  %u = sym.read @unset : tensor<i64>
  %r = arith.addi %u, %u : tensor<i64>
  sym.yield %r : tensor<i64>
}
sym.func @f(%x: tensor<i64>) -> (tensor<i64>, tensor<i64>, tensor<i64>) {
  %a = sym.eval @square() : () -> tensor<i64>
  %b = sym.eval @square() givens(@s = %x : tensor<i64>) : () -> tensor<i64>
  // The variable has no value, but none is needed.
  %c = sym.eval @of_unset() givens(@unset = %b : tensor<i64>) : () -> tensor<i64>
  sym.return %a, %b, %c : tensor<i64>, tensor<i64>, tensor<i64>
}
func.func @main() {
  %x = arith.constant dense<3> : tensor<i64>
  %a, %b, %c = sym.call @f(%x) : (tensor<i64>) -> (tensor<i64>, tensor<i64>, tensor<i64>)
  // CHECK: 100
  sym.print %a : tensor<i64>
  // CHECK: 9
  sym.print %b : tensor<i64>
  // CHECK: 18
  sym.print %c : tensor<i64>
  %s = sym.get_value @s : tensor<i64>
  // CHECK: 10
  sym.print %s : tensor<i64>
  return
}
