// Unstructured branches with stores.
// RUN: sym-opt --convert-ml-program-to-sym %s | sym-runner - | FileCheck %s

ml_program.global private mutable @n(0 : index) : index
func.func @count(%k: index) -> index {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  cf.br ^head(%c0 : index)
^head(%i: index):
  %less = arith.cmpi slt, %i, %k : index
  cf.cond_br %less, ^body, ^end
^body:
  %n = ml_program.global_load @n : index
  %m = arith.addi %n, %i : index
  ml_program.global_store @n = %m : index
  %j = arith.addi %i, %c1 : index
  cf.br ^head(%j : index)
^end:
  %r = ml_program.global_load @n : index
  return %r : index
}
func.func @main() {
  %c5 = arith.constant 5 : index
  %a = call @count(%c5) : (index) -> index
  %ai = arith.index_cast %a : index to i64
  %at = tensor.from_elements %ai : tensor<i64>
  // CHECK: 10
  sym.print %at : tensor<i64>
  %b = call @count(%c5) : (index) -> index
  %bi = arith.index_cast %b : index to i64
  %bt = tensor.from_elements %bi : tensor<i64>
  // CHECK: 20
  sym.print %bt : tensor<i64>
  return
}
