// An element of the state changes in place; the others stay.
// RUN: sym-runner %s | FileCheck %s

sym.shared @s : tensor<2x3xi64> = dense<[[1, 2, 3], [4, 5, 6]]>
sym.func @set(%i: tensor<i64>, %j: tensor<i64>, %x: tensor<i64>) -> tensor<i64> {
  %s = sym.read @s : tensor<2x3xi64>
  %i0 = tensor.extract %i[] : tensor<i64>
  %j0 = tensor.extract %j[] : tensor<i64>
  %x0 = tensor.extract %x[] : tensor<i64>
  %row = arith.index_cast %i0 : i64 to index
  %column = arith.index_cast %j0 : i64 to index
  %old = tensor.extract %s[%row, %column] : tensor<2x3xi64>
  %n = tensor.insert %x0 into %s[%row, %column] : tensor<2x3xi64>
  %r = tensor.from_elements %old : tensor<i64>
  sym.return %r : tensor<i64> updates(@s = %n : tensor<2x3xi64>)
}
func.func @main() {
  %c0 = arith.constant dense<0> : tensor<i64>
  %c1 = arith.constant dense<1> : tensor<i64>
  %c2 = arith.constant dense<2> : tensor<i64>
  %x = arith.constant dense<-7> : tensor<i64>
  %a = sym.call @set(%c1, %c2, %x) : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<i64>
  // CHECK: 6
  sym.print %a : tensor<i64>
  %b = sym.call @set(%c0, %c0, %x) : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<i64>
  // CHECK: 1
  sym.print %b : tensor<i64>
  %s = sym.get_value @s : tensor<2x3xi64>
  // CHECK: {{\[\[}}-7 2 3]
  // CHECK-NEXT: [ 4 5 -7]]
  sym.print %s : tensor<2x3xi64>
  return
}
