// Host programs call each other, with tensors and numbers.
// RUN: sym-runner %s | FileCheck %s

sym.shared @s : tensor<i64> = dense<0>
sym.func @add(%x: tensor<i64>) -> tensor<i64> {
  %s = sym.read @s : tensor<i64>
  %n = arith.addi %s, %x : tensor<i64>
  sym.return %n : tensor<i64> updates(@s = %n : tensor<i64>)
}
func.func private @repeat(%x: tensor<i64>, %n: index) -> tensor<i64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    %r = sym.call @add(%x) : (tensor<i64>) -> tensor<i64>
  }
  %s = sym.get_value @s : tensor<i64>
  return %s : tensor<i64>
}
func.func @main() {
  %x = arith.constant dense<5> : tensor<i64>
  %c3 = arith.constant 3 : index
  %c4 = arith.constant 4 : index
  %a = call @repeat(%x, %c3) : (tensor<i64>, index) -> tensor<i64>
  // CHECK: 15
  sym.print %a : tensor<i64>
  %b = call @repeat(%a, %c4) : (tensor<i64>, index) -> tensor<i64>
  // CHECK: 75
  sym.print %b : tensor<i64>
  // CHECK: 15
  sym.print %a : tensor<i64>
  return
}
