// A result that is also the new value is a copy: later calls do not change it.
// RUN: sym-runner %s | FileCheck %s

sym.shared @s : tensor<2xi64> = dense<0>
sym.func @count() -> tensor<2xi64> {
  %s = sym.read @s : tensor<2xi64>
  %one = arith.constant dense<[1, 10]> : tensor<2xi64>
  %n = arith.addi %s, %one : tensor<2xi64>
  sym.return %n : tensor<2xi64> updates(@s = %n : tensor<2xi64>)
}
func.func @main() {
  %a = sym.call @count() : () -> tensor<2xi64>
  %b = sym.call @count() : () -> tensor<2xi64>
  // CHECK: [ 1 10]
  sym.print %a : tensor<2xi64>
  // CHECK: [ 2 20]
  sym.print %b : tensor<2xi64>
  return
}
