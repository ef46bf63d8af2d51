// A loop over the state, with a count that the argument gives: none, one, many.
// RUN: sym-runner %s | FileCheck %s

sym.shared @s : tensor<2xi64> = dense<[1, 1]>
sym.func @power(%n: tensor<i64>) -> tensor<2xi64> {
  %s = sym.read @s : tensor<2xi64>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n0 = tensor.extract %n[] : tensor<i64>
  %count = arith.index_cast %n0 : i64 to index
  %factor = arith.constant dense<[2, 3]> : tensor<2xi64>
  %r = scf.for %i = %c0 to %count step %c1 iter_args(%x = %s) -> tensor<2xi64> {
    %y = arith.muli %x, %factor : tensor<2xi64>
    scf.yield %y : tensor<2xi64>
  }
  sym.return %s : tensor<2xi64> updates(@s = %r : tensor<2xi64>)
}
func.func @main() {
  %zero = arith.constant dense<0> : tensor<i64>
  %one = arith.constant dense<1> : tensor<i64>
  %four = arith.constant dense<4> : tensor<i64>
  %a = sym.call @power(%zero) : (tensor<i64>) -> tensor<2xi64>
  %b = sym.call @power(%one) : (tensor<i64>) -> tensor<2xi64>
  %c = sym.call @power(%four) : (tensor<i64>) -> tensor<2xi64>
  %s = sym.get_value @s : tensor<2xi64>
  // CHECK: [1 1]
  sym.print %a : tensor<2xi64>
  // CHECK: [1 1]
  sym.print %b : tensor<2xi64>
  // CHECK: [2 3]
  sym.print %c : tensor<2xi64>
  // CHECK: [ 32 243]
  sym.print %s : tensor<2xi64>
  return
}
