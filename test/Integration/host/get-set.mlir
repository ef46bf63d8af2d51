// get_value copies, set_value copies: neither aliases the variable (B1).
// RUN: sym-runner %s | FileCheck %s

sym.shared @s : tensor<2xi64> = dense<[1, 2]>
sym.func @double() {
  %s = sym.read @s : tensor<2xi64>
  %n = arith.addi %s, %s : tensor<2xi64>
  sym.return updates(@s = %n : tensor<2xi64>)
}
func.func @main() {
  %before = sym.get_value @s : tensor<2xi64>
  sym.call @double() : () -> ()
  // CHECK: [1 2]
  sym.print %before : tensor<2xi64>
  %x = arith.constant dense<[5, 6]> : tensor<2xi64>
  sym.set_value @s = %x : tensor<2xi64>
  sym.call @double() : () -> ()
  // CHECK: [5 6]
  sym.print %x : tensor<2xi64>
  %after = sym.get_value @s : tensor<2xi64>
  // CHECK: [10 12]
  sym.print %after : tensor<2xi64>
  // What was read goes back.
  sym.set_value @s = %before : tensor<2xi64>
  %again = sym.get_value @s : tensor<2xi64>
  // CHECK: [1 2]
  sym.print %again : tensor<2xi64>
  return
}
