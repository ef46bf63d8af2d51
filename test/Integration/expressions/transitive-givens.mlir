// A given reaches through nested evaluations; an inner given comes first.
// RUN: sym-runner %s | FileCheck %s

sym.shared @a : tensor<i64> = dense<1>
sym.shared @b : tensor<i64> = dense<2>
sym.expr @inner() -> tensor<i64> {
  %a = sym.read @a : tensor<i64>
  %b = sym.read @b : tensor<i64>
  %ten = arith.constant dense<10> : tensor<i64>
  %t = arith.muli %a, %ten : tensor<i64>
  %r = arith.addi %t, %b : tensor<i64>
  sym.yield %r : tensor<i64>
}
sym.expr @middle() -> tensor<i64> {
  %seven = arith.constant dense<7> : tensor<i64>
  %x = sym.eval @inner() : () -> tensor<i64>
  %y = sym.eval @inner() givens(@b = %seven : tensor<i64>) : () -> tensor<i64>
  %hundred = arith.constant dense<100> : tensor<i64>
  %t = arith.muli %x, %hundred : tensor<i64>
  %r = arith.addi %t, %y : tensor<i64>
  sym.yield %r : tensor<i64>
}
sym.func @f() -> (tensor<i64>, tensor<i64>) {
  %plain = sym.eval @middle() : () -> tensor<i64>
  %four = arith.constant dense<4> : tensor<i64>
  %five = arith.constant dense<5> : tensor<i64>
  %given = sym.eval @middle() givens(@a = %four : tensor<i64>, @b = %five : tensor<i64>) : () -> tensor<i64>
  sym.return %plain, %given : tensor<i64>, tensor<i64>
}
func.func @main() {
  %x, %y = sym.call @f() : () -> (tensor<i64>, tensor<i64>)
  // CHECK: 1217
  sym.print %x : tensor<i64>
  // CHECK: 4547
  sym.print %y : tensor<i64>
  return
}
