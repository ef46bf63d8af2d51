// Division by zero fails the call, wherever the zero stands.
// RUN: not sym-runner %s 2>&1 | FileCheck %s

sym.shared @s : tensor<?xi64> = dense<[1, 2, 3]> : tensor<3xi64>

sym.func @divide(%x: tensor<3xi64>) -> tensor<3xi64> {
  %s = sym.read @s : tensor<?xi64>
  %t = tensor.cast %s : tensor<?xi64> to tensor<3xi64>
  %n = arith.divsi %t, %x : tensor<3xi64>
  sym.return %n : tensor<3xi64>
}
func.func @main() {
  %x = arith.constant dense<[1, -1, 2]> : tensor<3xi64>
  %a = sym.call @divide(%x) : (tensor<3xi64>) -> tensor<3xi64>
  // CHECK-DAG: quotient [ 1 -2 1]
  sym.print "quotient " %a : tensor<3xi64>
  %y = arith.constant dense<[1, 1, 0]> : tensor<3xi64>
  // CHECK-DAG: SYM_DIVISION_BY_ZERO
  %b = sym.call @divide(%y) : (tensor<3xi64>) -> tensor<3xi64>
  return
}
