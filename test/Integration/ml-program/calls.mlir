// Functions that store, called by functions: one transaction.
// RUN: sym-opt --convert-ml-program-to-sym %s | sym-runner - | FileCheck %s

ml_program.global private mutable @s(dense<[1, 2, 3]> : tensor<3xi64>) : tensor<3xi64>

func.func private @add(%x: tensor<3xi64>) -> tensor<3xi64> {
  %s = ml_program.global_load @s : tensor<3xi64>
  %n = arith.addi %s, %x : tensor<3xi64>
  ml_program.global_store @s = %n : tensor<3xi64>
  return %n : tensor<3xi64>
}
func.func @twice(%x: tensor<3xi64>) -> (tensor<3xi64>, tensor<3xi64>) {
  %a = call @add(%x) : (tensor<3xi64>) -> tensor<3xi64>
  %b = call @add(%a) : (tensor<3xi64>) -> tensor<3xi64>
  return %a, %b : tensor<3xi64>, tensor<3xi64>
}
func.func @main() {
  %x = arith.constant dense<[1, 0, -1]> : tensor<3xi64>
  %a, %b = call @twice(%x) : (tensor<3xi64>) -> (tensor<3xi64>, tensor<3xi64>)
  // CHECK: [2 2 2]
  sym.print %a : tensor<3xi64>
  // CHECK: [4 4 4]
  sym.print %b : tensor<3xi64>
  return
}
