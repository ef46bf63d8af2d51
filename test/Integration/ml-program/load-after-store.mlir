// A load sees the store before it, twice.
// RUN: sym-opt --convert-ml-program-to-sym %s | sym-runner - | FileCheck %s

ml_program.global private mutable @s(dense<[1, 2, 3]> : tensor<3xi64>) : tensor<3xi64>

func.func @f(%x: tensor<3xi64>) -> (tensor<3xi64>, tensor<3xi64>, tensor<3xi64>) {
  %a = ml_program.global_load @s : tensor<3xi64>
  ml_program.global_store @s = %x : tensor<3xi64>
  %b = ml_program.global_load @s : tensor<3xi64>
  %n = arith.addi %a, %b : tensor<3xi64>
  ml_program.global_store @s = %n : tensor<3xi64>
  %c = ml_program.global_load @s : tensor<3xi64>
  return %a, %b, %c : tensor<3xi64>, tensor<3xi64>, tensor<3xi64>
}
func.func @main() {
  %x = arith.constant dense<[10, 20, 30]> : tensor<3xi64>
  %a, %b, %c = call @f(%x) : (tensor<3xi64>) -> (tensor<3xi64>, tensor<3xi64>, tensor<3xi64>)
  // CHECK: [1 2 3]
  sym.print %a : tensor<3xi64>
  // CHECK: [10 20 30]
  sym.print %b : tensor<3xi64>
  // CHECK: [11 22 33]
  sym.print %c : tensor<3xi64>
  return
}
