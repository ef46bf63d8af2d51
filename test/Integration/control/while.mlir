// A loop that ends on the data: the steps of the Collatz sequence.
// RUN: sym-runner %s | FileCheck %s

sym.shared @steps : tensor<i64> = dense<0>
sym.func @collatz(%start: tensor<i64>) -> tensor<i64> {
  %c1 = arith.constant 1 : i64
  %c2 = arith.constant 2 : i64
  %c3 = arith.constant 3 : i64
  %c0 = arith.constant 0 : i64
  %x0 = tensor.extract %start[] : tensor<i64>
  %r:2 = scf.while (%x = %x0, %n = %c0) : (i64, i64) -> (i64, i64) {
    %more = arith.cmpi ne, %x, %c1 : i64
    scf.condition(%more) %x, %n : i64, i64
  } do {
  ^bb0(%x: i64, %n: i64):
    %odd = arith.andi %x, %c1 : i64
    %isOdd = arith.cmpi eq, %odd, %c1 : i64
    %half = arith.shrsi %x, %c1 : i64
    %triple = arith.muli %x, %c3 : i64
    %up = arith.addi %triple, %c1 : i64
    %next = arith.select %isOdd, %up, %half : i64
    %m = arith.addi %n, %c1 : i64
    scf.yield %next, %m : i64, i64
  }
  %n = tensor.from_elements %r#1 : tensor<i64>
  %s = sym.read @steps : tensor<i64>
  %t = arith.addi %s, %n : tensor<i64>
  sym.return %n : tensor<i64> updates(@steps = %t : tensor<i64>)
}
func.func @main() {
  %x = arith.constant dense<27> : tensor<i64>
  %a = sym.call @collatz(%x) : (tensor<i64>) -> tensor<i64>
  // CHECK: 111
  sym.print %a : tensor<i64>
  %y = arith.constant dense<1> : tensor<i64>
  %b = sym.call @collatz(%y) : (tensor<i64>) -> tensor<i64>
  // CHECK: 0
  sym.print %b : tensor<i64>
  %s = sym.get_value @steps : tensor<i64>
  // CHECK: 111
  sym.print %s : tensor<i64>
  return
}
