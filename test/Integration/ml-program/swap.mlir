// Two globals change places.
// RUN: sym-opt --convert-ml-program-to-sym %s | sym-runner - | FileCheck %s

ml_program.global private mutable @s(dense<[1, 2, 3]> : tensor<3xi64>) : tensor<3xi64>
ml_program.global private mutable @t(dense<[7, 8, 9]> : tensor<3xi64>) : tensor<3xi64>
func.func @swap() {
  %s = ml_program.global_load @s : tensor<3xi64>
  %t = ml_program.global_load @t : tensor<3xi64>
  ml_program.global_store @s = %t : tensor<3xi64>
  ml_program.global_store @t = %s : tensor<3xi64>
  return
}
func.func @main() {
  call @swap() : () -> ()
  %s = ml_program.global_load @s : tensor<3xi64>
  %t = ml_program.global_load @t : tensor<3xi64>
  // CHECK: [7 8 9]
  sym.print %s : tensor<3xi64>
  // CHECK: [1 2 3]
  sym.print %t : tensor<3xi64>
  return
}
