// A global of dynamic size that grows.
// RUN: sym-opt --convert-ml-program-to-sym %s | sym-runner - | FileCheck %s

ml_program.global private mutable @s(dense<[1.5]> : tensor<1xf32>) : tensor<?xf32>
func.func @double() -> index {
  %s = ml_program.global_load @s : tensor<?xf32>
  %c0 = arith.constant 0 : index
  %n = tensor.dim %s, %c0 : tensor<?xf32>
  %m = arith.addi %n, %n : index
  %e = tensor.empty(%m) : tensor<?xf32>
  %a = tensor.insert_slice %s into %e[0] [%n] [1] : tensor<?xf32> into tensor<?xf32>
  %b = tensor.insert_slice %s into %a[%n] [%n] [1] : tensor<?xf32> into tensor<?xf32>
  ml_program.global_store @s = %b : tensor<?xf32>
  return %m : index
}
func.func @main() {
  %a = call @double() : () -> index
  %b = call @double() : () -> index
  %s = ml_program.global_load @s : tensor<?xf32>
  // CHECK: [1.5 1.5 1.5 1.5]
  sym.print %s : tensor<?xf32>
  return
}
