// A cast to a static size that the value does not have fails the call.
// RUN: not sym-runner %s 2>&1 | FileCheck %s

sym.shared @s : tensor<?xi64> = dense<[1, 2, 3]> : tensor<3xi64>

sym.func @first() -> tensor<2xi64> {
  %s = sym.read @s : tensor<?xi64>
  %n = tensor.cast %s : tensor<?xi64> to tensor<2xi64>
  sym.return %n : tensor<2xi64>
}
func.func @main() {
  // CHECK: SYM_SHAPE_MISMATCH
  %b = sym.call @first() : () -> tensor<2xi64>
  return
}
