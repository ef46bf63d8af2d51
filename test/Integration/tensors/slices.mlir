// Slices with offsets, strides and sizes that are data, read and written.
// RUN: sym-runner %s | FileCheck %s

sym.shared @s : tensor<3x6xi64> = dense<[[0, 1, 2, 3, 4, 5], [10, 11, 12, 13, 14, 15], [20, 21, 22, 23, 24, 25]]>
sym.func @part(%i: tensor<i64>, %n: tensor<i64>) -> (tensor<?x2xi64>, tensor<3xi64>) {
  %s = sym.read @s : tensor<3x6xi64>
  %i0 = tensor.extract %i[] : tensor<i64>
  %n0 = tensor.extract %n[] : tensor<i64>
  %row = arith.index_cast %i0 : i64 to index
  %count = arith.index_cast %n0 : i64 to index
  %a = tensor.extract_slice %s[%row, 1] [%count, 2] [1, 3] : tensor<3x6xi64> to tensor<?x2xi64>
  %b = tensor.extract_slice %s[0, %row] [3, 1] [1, 1] : tensor<3x6xi64> to tensor<3xi64>
  %m = arith.constant dense<[[-1, -2]]> : tensor<1x2xi64>
  %next = tensor.insert_slice %m into %s[%row, 0] [1, 2] [1, 5] : tensor<1x2xi64> into tensor<3x6xi64>
  sym.return %a, %b : tensor<?x2xi64>, tensor<3xi64> updates(@s = %next : tensor<3x6xi64>)
}
func.func @main() {
  %i = arith.constant dense<1> : tensor<i64>
  %n = arith.constant dense<2> : tensor<i64>
  %a, %b = sym.call @part(%i, %n) : (tensor<i64>, tensor<i64>) -> (tensor<?x2xi64>, tensor<3xi64>)
  // CHECK: {{\[\[}}11 14]
  // CHECK-NEXT: [21 24]]
  sym.print %a : tensor<?x2xi64>
  // CHECK-NEXT: [ 1 11 21]
  sym.print %b : tensor<3xi64>
  %s = sym.get_value @s : tensor<3x6xi64>
  // CHECK-NEXT: {{\[\[}} 0 1 2 3 4 5]
  // CHECK-NEXT: [-1 11 12 13 14 -2]
  // CHECK-NEXT: [20 21 22 23 24 25]]
  sym.print %s : tensor<3x6xi64>
  return
}
