// T2: three variables move in a circle, and one of them is returned.
// RUN: sym-runner %s | FileCheck %s

sym.shared @a : tensor<i64> = dense<1>
sym.shared @b : tensor<i64> = dense<2>
sym.shared @c : tensor<i64> = dense<3>
sym.func @rotate() -> tensor<i64> {
  %a = sym.read @a : tensor<i64>
  %b = sym.read @b : tensor<i64>
  %c = sym.read @c : tensor<i64>
  sym.return %a : tensor<i64> updates(@a = %b : tensor<i64>, @b = %c : tensor<i64>, @c = %a : tensor<i64>)
}
func.func @main() {
  %x = sym.call @rotate() : () -> tensor<i64>
  %y = sym.call @rotate() : () -> tensor<i64>
  // CHECK: 1
  sym.print %x : tensor<i64>
  // CHECK: 2
  sym.print %y : tensor<i64>
  %a = sym.get_value @a : tensor<i64>
  %b = sym.get_value @b : tensor<i64>
  %c = sym.get_value @c : tensor<i64>
  // CHECK: a 3
  sym.print "a " %a : tensor<i64>
  // CHECK: b 1
  sym.print "b " %b : tensor<i64>
  // CHECK: c 2
  sym.print "c " %c : tensor<i64>
  return
}
