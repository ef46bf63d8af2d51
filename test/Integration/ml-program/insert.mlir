// Load, insert an element, store back.
// RUN: sym-opt --convert-ml-program-to-sym %s | sym-runner - | FileCheck %s

ml_program.global private mutable @s(dense<[1, 2, 3]> : tensor<3xi64>) : tensor<3xi64>

func.func @insert(%x: i64, %i: index) {
  %s = ml_program.global_load @s : tensor<3xi64>
  %n = tensor.insert %x into %s[%i] : tensor<3xi64>
  ml_program.global_store @s = %n : tensor<3xi64>
  return
}
func.func @main() {
  %x = arith.constant 7 : i64
  %c1 = arith.constant 1 : index
  call @insert(%x, %c1) : (i64, index) -> ()
  %s = ml_program.global_load @s : tensor<3xi64>
  // CHECK: [1 7 3]
  sym.print %s : tensor<3xi64>
  return
}
