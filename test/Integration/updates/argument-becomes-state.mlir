// S1: an argument that becomes the state of two variables is copied for each.
// RUN: sym-runner %s | FileCheck %s

sym.shared @a : tensor<2xi64>
sym.shared @b : tensor<2xi64>
sym.func @store(%x: tensor<2xi64>) -> tensor<2xi64> {
  sym.return %x : tensor<2xi64> updates(@a = %x : tensor<2xi64>, @b = %x : tensor<2xi64>)
}
sym.func @change() {
  %a = sym.read @a : tensor<2xi64>
  %n = arith.addi %a, %a : tensor<2xi64>
  sym.return updates(@a = %n : tensor<2xi64>)
}
func.func @main() {
  %x = arith.constant dense<[3, 4]> : tensor<2xi64>
  %r = sym.call @store(%x) : (tensor<2xi64>) -> tensor<2xi64>
  sym.call @change() : () -> ()
  %a = sym.get_value @a : tensor<2xi64>
  %b = sym.get_value @b : tensor<2xi64>
  // CHECK: a [6 8]
  sym.print "a " %a : tensor<2xi64>
  // CHECK: b [3 4]
  sym.print "b " %b : tensor<2xi64>
  // CHECK: r [3 4]
  sym.print "r " %r : tensor<2xi64>
  return
}
