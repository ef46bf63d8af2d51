// A loop whose carries change places owns and frees them without a call.
// RUN: sym-runner %s | FileCheck %s

sym.func @f(%x: tensor<?xi64>, %y: tensor<?xi64>, %n: tensor<i64>) -> (tensor<?xi64>, tensor<?xi64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n0 = tensor.extract %n[] : tensor<i64>
  %k = arith.index_cast %n0 : i64 to index
  %a = arith.addi %x, %x : tensor<?xi64>
  %r:3 = scf.while (%i = %c0, %p = %a, %q = %y) : (index, tensor<?xi64>, tensor<?xi64>) -> (index, tensor<?xi64>, tensor<?xi64>) {
    %m = arith.cmpi slt, %i, %k : index
    scf.condition(%m) %i, %p, %q : index, tensor<?xi64>, tensor<?xi64>
  } do {
  ^bb0(%i: index, %p: tensor<?xi64>, %q: tensor<?xi64>):
    %j = arith.addi %i, %c1 : index
    %s = arith.muli %p, %q : tensor<?xi64>
    scf.yield %j, %q, %s : index, tensor<?xi64>, tensor<?xi64>
  }
  sym.return %r#1, %r#2 : tensor<?xi64>, tensor<?xi64>
}
func.func @main() {
  %x0 = arith.constant dense<[1, 2]> : tensor<2xi64>
  %x = tensor.cast %x0 : tensor<2xi64> to tensor<?xi64>
  %y0 = arith.constant dense<[3, 5]> : tensor<2xi64>
  %y = tensor.cast %y0 : tensor<2xi64> to tensor<?xi64>
  %n = arith.constant dense<3> : tensor<i64>
  %a, %b = sym.call @f(%x, %y, %n) : (tensor<?xi64>, tensor<?xi64>, tensor<i64>) -> (tensor<?xi64>, tensor<?xi64>)
  // CHECK: [ 18 100]
  sym.print %a : tensor<?xi64>
  // CHECK: [ 108 2000]
  sym.print %b : tensor<?xi64>
  return
}
