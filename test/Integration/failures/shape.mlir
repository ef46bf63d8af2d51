// Sizes that differ fail the call, and both are named.
// RUN: not sym-runner %s 2>&1 | FileCheck %s

sym.shared @s : tensor<?xi64> = dense<[1, 2, 3]> : tensor<3xi64>

sym.func @add(%x: tensor<?xi64>) -> tensor<?xi64> {
  %s = sym.read @s : tensor<?xi64>
  %n = arith.addi %s, %x : tensor<?xi64>
  sym.return %n : tensor<?xi64> updates(@s = %n : tensor<?xi64>)
}
func.func @main() {
  %x0 = arith.constant dense<[1, 2]> : tensor<2xi64>
  %x = tensor.cast %x0 : tensor<2xi64> to tensor<?xi64>
  // CHECK: SYM_SHAPE_MISMATCH
  %b = sym.call @add(%x) : (tensor<?xi64>) -> tensor<?xi64>
  return
}
