// A store in one branch, and loads behind it.
// RUN: sym-opt --convert-ml-program-to-sym %s | sym-runner - | FileCheck %s

ml_program.global private mutable @s(dense<[1, 2, 3]> : tensor<3xi64>) : tensor<3xi64>

func.func @maybe(%c: i1) -> tensor<3xi64> {
  scf.if %c {
    %s = ml_program.global_load @s : tensor<3xi64>
    %n = arith.addi %s, %s : tensor<3xi64>
    ml_program.global_store @s = %n : tensor<3xi64>
  }
  %r = ml_program.global_load @s : tensor<3xi64>
  return %r : tensor<3xi64>
}
func.func @main() {
  %true = arith.constant true
  %false = arith.constant false
  %a = call @maybe(%false) : (i1) -> tensor<3xi64>
  // CHECK: [1 2 3]
  sym.print %a : tensor<3xi64>
  %b = call @maybe(%true) : (i1) -> tensor<3xi64>
  // CHECK: [2 4 6]
  sym.print %b : tensor<3xi64>
  return
}
