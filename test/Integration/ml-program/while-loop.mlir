// A loop whose condition loads what its body stores.
// RUN: sym-opt --convert-ml-program-to-sym %s | sym-runner - | FileCheck %s

ml_program.global private mutable @x(dense<100> : tensor<i64>) : tensor<i64>
func.func @reduce(%limit: i64) -> tensor<i64> {
  %c2 = arith.constant dense<2> : tensor<i64>
  scf.while : () -> () {
    %x = ml_program.global_load @x : tensor<i64>
    %v = tensor.extract %x[] : tensor<i64>
    %more = arith.cmpi sgt, %v, %limit : i64
    scf.condition(%more)
  } do {
    %x = ml_program.global_load @x : tensor<i64>
    %h = arith.divsi %x, %c2 : tensor<i64>
    ml_program.global_store @x = %h : tensor<i64>
    scf.yield
  }
  %r = ml_program.global_load @x : tensor<i64>
  return %r : tensor<i64>
}
func.func @main() {
  %limit = arith.constant 10 : i64
  %r = call @reduce(%limit) : (i64) -> tensor<i64>
  // CHECK: 6
  sym.print %r : tensor<i64>
  return
}
