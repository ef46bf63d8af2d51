// B3: an exclusive borrow commits the value that it is released with, or rolls back.
// RUN: sym-runner %s | FileCheck %s

sym.shared @s : tensor<2xi64> = dense<[1, 2]>
func.func @main() {
  %b = sym.borrow @s : !sym.borrow<tensor<2xi64>, exclusive>
  %v = sym.view %b : !sym.borrow<tensor<2xi64>, exclusive>
  %n = arith.addi %v, %v : tensor<2xi64>
  %before = sym.get_value @s : tensor<2xi64>
  // CHECK: [1 2]
  sym.print %before : tensor<2xi64>
  sym.release %b = %n : !sym.borrow<tensor<2xi64>, exclusive>, tensor<2xi64>
  %after = sym.get_value @s : tensor<2xi64>
  // CHECK: [2 4]
  sym.print %after : tensor<2xi64>
  %c = sym.borrow @s : !sym.borrow<tensor<2xi64>, exclusive>
  sym.release %c : !sym.borrow<tensor<2xi64>, exclusive>
  %last = sym.get_value @s : tensor<2xi64>
  // CHECK: [2 4]
  sym.print %last : tensor<2xi64>
  return
}
