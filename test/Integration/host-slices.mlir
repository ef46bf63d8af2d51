// Host programs pass slices, which are not dense, to accesses and calls.
// RUN: %run_both %s | FileCheck %s

// CHECK:      slice {{\[\[}} 5 6]
// CHECK-NEXT: [11 12]]
// CHECK-NEXT: sum 34
// CHECK-NEXT: column [ 2 5 8 11]
// CHECK-NEXT: inserted {{\[\[}} 5 2 6]
// CHECK-NEXT: [11 5 12]
// CHECK-NEXT: [ 7 8 9]
// CHECK-NEXT: [10 11 12]]
// CHECK-NEXT: {{\[\[}} 1 4 7 10]
// CHECK-NEXT: [ 2 5 8 11]
// CHECK-NEXT: [ 3 6 9 12]]

sym.shared @m : tensor<4x3xi32> = dense<[[1,2,3],[4,5,6],[7,8,9],[10,11,12]]>
sym.shared @v : tensor<?xi32> = dense<[0]> : tensor<1xi32>
sym.func @sum(%x: tensor<?x?xi32>) -> tensor<i32> {
  %z = arith.constant dense<0> : tensor<i32>
  %r = linalg.reduce { arith.addi } ins(%x : tensor<?x?xi32>) outs(%z : tensor<i32>) dimensions = [0, 1]
  sym.return %r : tensor<i32>
}
func.func @main() {
  %m = sym.get_value @m : tensor<4x3xi32>
  %s = tensor.extract_slice %m[1, 1] [2, 2] [2, 1] : tensor<4x3xi32> to tensor<2x2xi32>
  sym.print "slice " %s : tensor<2x2xi32>
  %d = tensor.cast %s : tensor<2x2xi32> to tensor<?x?xi32>
  %r = sym.call @sum(%d) : (tensor<?x?xi32>) -> tensor<i32>
  sym.print "sum " %r : tensor<i32>
  %col = tensor.extract_slice %m[0, 1] [4, 1] [1, 1] : tensor<4x3xi32> to tensor<4xi32>
  %cd = tensor.cast %col : tensor<4xi32> to tensor<?xi32>
  sym.set_value @v = %cd : tensor<?xi32>
  %v = sym.get_value @v : tensor<?xi32>
  sym.print "column " %v : tensor<?xi32>
  %ins = tensor.insert_slice %s into %m[0, 0] [2, 2] [1, 2] : tensor<2x2xi32> into tensor<4x3xi32>
  sym.print "inserted " %ins : tensor<4x3xi32>
  %t = tensor.empty() : tensor<3x4xi32>
  %tr = linalg.transpose ins(%m : tensor<4x3xi32>) outs(%t : tensor<3x4xi32>) permutation = [1, 0]
  sym.print %tr : tensor<3x4xi32>
  return
}
