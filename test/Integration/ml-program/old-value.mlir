// Return the old value, store a new one.
// RUN: sym-opt --convert-ml-program-to-sym %s | sym-runner - | FileCheck %s

ml_program.global private mutable @s(dense<[1, 2, 3]> : tensor<3xi64>) : tensor<3xi64>

func.func @next() -> tensor<3xi64> {
  %s = ml_program.global_load @s : tensor<3xi64>
  %n = arith.muli %s, %s : tensor<3xi64>
  ml_program.global_store @s = %n : tensor<3xi64>
  return %s : tensor<3xi64>
}
func.func @main() {
  %a = call @next() : () -> tensor<3xi64>
  %b = call @next() : () -> tensor<3xi64>
  %c = call @next() : () -> tensor<3xi64>
  // CHECK: [1 2 3]
  sym.print %a : tensor<3xi64>
  // CHECK: [1 4 9]
  sym.print %b : tensor<3xi64>
  // CHECK: [ 1 16 81]
  sym.print %c : tensor<3xi64>
  return
}
