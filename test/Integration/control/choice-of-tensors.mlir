// A branch that computes nothing chooses between whole tensors; a function with
// a constant without elements beside it.
// RUN: sym-runner %s | FileCheck %s

sym.shared @s : tensor<2xi64> = dense<[1, 2]>
sym.func @choose(%c: tensor<i1>, %x: tensor<2xi64>) -> (tensor<2xi64>, tensor<0xi64>) {
  %s = sym.read @s : tensor<2xi64>
  %condition = tensor.extract %c[] : tensor<i1>
  %r = scf.if %condition -> tensor<2xi64> {
    scf.yield %x : tensor<2xi64>
  } else {
    scf.yield %s : tensor<2xi64>
  }
  %none = arith.constant dense<> : tensor<0xi64>
  sym.return %r, %none : tensor<2xi64>, tensor<0xi64>
}
func.func @main() {
  %x = arith.constant dense<[8, 9]> : tensor<2xi64>
  %yes = arith.constant dense<true> : tensor<i1>
  %no = arith.constant dense<false> : tensor<i1>
  %a, %n = sym.call @choose(%yes, %x) : (tensor<i1>, tensor<2xi64>) -> (tensor<2xi64>, tensor<0xi64>)
  // CHECK: [8 9]
  sym.print %a : tensor<2xi64>
  // CHECK: []
  sym.print %n : tensor<0xi64>
  %b, %m = sym.call @choose(%no, %x) : (tensor<i1>, tensor<2xi64>) -> (tensor<2xi64>, tensor<0xi64>)
  // CHECK: [1 2]
  sym.print %b : tensor<2xi64>
  return
}
