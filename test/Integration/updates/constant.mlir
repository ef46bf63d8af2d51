// A constant as the new value: the variable can be changed afterwards, the constant cannot.
// RUN: sym-runner %s | FileCheck %s

sym.shared @s : tensor<3xi32>
sym.func @reset() {
  %c = arith.constant dense<[7, 8, 9]> : tensor<3xi32>
  sym.return updates(@s = %c : tensor<3xi32>)
}
sym.func @add() {
  %s = sym.read @s : tensor<3xi32>
  %n = arith.addi %s, %s : tensor<3xi32>
  sym.return updates(@s = %n : tensor<3xi32>)
}
func.func @main() {
  sym.call @reset() : () -> ()
  sym.call @add() : () -> ()
  %a = sym.get_value @s : tensor<3xi32>
  // CHECK: [14 16 18]
  sym.print %a : tensor<3xi32>
  sym.call @reset() : () -> ()
  %b = sym.get_value @s : tensor<3xi32>
  // CHECK: [7 8 9]
  sym.print %b : tensor<3xi32>
  return
}
