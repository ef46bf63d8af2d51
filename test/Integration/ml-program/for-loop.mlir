// Stores in a loop: the factorial of a number.
// RUN: sym-opt --convert-ml-program-to-sym %s | sym-runner - | FileCheck %s

ml_program.global private mutable @product(1 : i64) : i64
func.func @factorial(%n: index) -> i64 {
  %c1 = arith.constant 1 : index
  %end = arith.addi %n, %c1 : index
  scf.for %i = %c1 to %end step %c1 {
    %p = ml_program.global_load @product : i64
    %k = arith.index_cast %i : index to i64
    %q = arith.muli %p, %k : i64
    ml_program.global_store @product = %q : i64
  }
  %r = ml_program.global_load @product : i64
  return %r : i64
}
func.func @main() {
  %c0 = arith.constant 0 : index
  %c5 = arith.constant 5 : index
  %a = call @factorial(%c0) : (index) -> i64
  %at = tensor.from_elements %a : tensor<i64>
  // CHECK: 1
  sym.print %at : tensor<i64>
  %b = call @factorial(%c5) : (index) -> i64
  %bt = tensor.from_elements %b : tensor<i64>
  // CHECK: 120
  sym.print %bt : tensor<i64>
  return
}
