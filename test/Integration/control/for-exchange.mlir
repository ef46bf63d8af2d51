// Two carries of a loop change places in every round.
// RUN: sym-runner %s | FileCheck %s

sym.func @exchange(%a: tensor<2xi64>, %b: tensor<2xi64>, %n: tensor<i64>) -> (tensor<2xi64>, tensor<2xi64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n0 = tensor.extract %n[] : tensor<i64>
  %count = arith.index_cast %n0 : i64 to index
  %one = arith.constant dense<1> : tensor<2xi64>
  %r:2 = scf.for %i = %c0 to %count step %c1 iter_args(%x = %a, %y = %b) -> (tensor<2xi64>, tensor<2xi64>) {
    %z = arith.addi %x, %one : tensor<2xi64>
    scf.yield %y, %z : tensor<2xi64>, tensor<2xi64>
  }
  sym.return %r#0, %r#1 : tensor<2xi64>, tensor<2xi64>
}
func.func @main() {
  %a = arith.constant dense<[10, 20]> : tensor<2xi64>
  %b = arith.constant dense<[50, 60]> : tensor<2xi64>
  %n3 = arith.constant dense<3> : tensor<i64>
  %x, %y = sym.call @exchange(%a, %b, %n3) : (tensor<2xi64>, tensor<2xi64>, tensor<i64>) -> (tensor<2xi64>, tensor<2xi64>)
  // CHECK: [51 61]
  sym.print %x : tensor<2xi64>
  // CHECK: [12 22]
  sym.print %y : tensor<2xi64>
  %n0 = arith.constant dense<0> : tensor<i64>
  %z, %w = sym.call @exchange(%a, %b, %n0) : (tensor<2xi64>, tensor<2xi64>, tensor<i64>) -> (tensor<2xi64>, tensor<2xi64>)
  // CHECK: [10 20]
  sym.print %z : tensor<2xi64>
  // CHECK: [50 60]
  sym.print %w : tensor<2xi64>
  return
}
