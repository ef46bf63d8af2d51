// B2: a pinned borrow keeps its bytes through updates, a swap and a set.
// RUN: sym-runner %s | FileCheck %s

sym.shared @s : tensor<3xi64> = dense<[1, 2, 3]>
sym.shared @t : tensor<3xi64> = dense<[7, 8, 9]>
sym.func @double() {
  %s = sym.read @s : tensor<3xi64>
  %n = arith.addi %s, %s : tensor<3xi64>
  sym.return updates(@s = %n : tensor<3xi64>)
}
sym.func @swap() {
  %s = sym.read @s : tensor<3xi64>
  %t = sym.read @t : tensor<3xi64>
  sym.return updates(@s = %t : tensor<3xi64>, @t = %s : tensor<3xi64>)
}
func.func @main() {
  %b = sym.borrow @s : !sym.borrow<tensor<3xi64>, pinned>
  sym.call @double() : () -> ()
  sym.call @swap() : () -> ()
  sym.call @double() : () -> ()
  %zero = arith.constant dense<0> : tensor<3xi64>
  sym.set_value @t = %zero : tensor<3xi64>
  %v = sym.view %b : !sym.borrow<tensor<3xi64>, pinned>
  // CHECK: [1 2 3]
  sym.print %v : tensor<3xi64>
  sym.release %b : !sym.borrow<tensor<3xi64>, pinned>
  %s = sym.get_value @s : tensor<3xi64>
  // CHECK: [14 16 18]
  sym.print %s : tensor<3xi64>
  return
}
