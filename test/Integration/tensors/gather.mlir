// Rows of a table by indices that are data: an embedding, and its update by scattering.
// RUN: sym-runner %s | FileCheck %s

sym.shared @table : tensor<4x2xf32> = dense<[[0.0, 1.0], [2.0, 3.0], [4.0, 5.0], [6.0, 7.0]]>
sym.func @lookup(%ids: tensor<?xi64>) -> tensor<?x2xf32> {
  %table = sym.read @table : tensor<4x2xf32>
  %c0 = arith.constant 0 : index
  %n = tensor.dim %ids, %c0 : tensor<?xi64>
  %empty = tensor.empty(%n) : tensor<?x2xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%ids : tensor<?xi64>) outs(%empty : tensor<?x2xf32>) {
  ^bb0(%id: i64, %o: f32):
    %row = arith.index_cast %id : i64 to index
    %j = linalg.index 1 : index
    %e = tensor.extract %table[%row, %j] : tensor<4x2xf32>
    linalg.yield %e : f32
  } -> tensor<?x2xf32>
  sym.return %r : tensor<?x2xf32>
}
sym.func @add(%ids: tensor<?xi64>, %x: tensor<?x2xf32>) {
  %table = sym.read @table : tensor<4x2xf32>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %ids, %c0 : tensor<?xi64>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %table) -> tensor<4x2xf32> {
    %id = tensor.extract %ids[%i] : tensor<?xi64>
    %row = arith.index_cast %id : i64 to index
    %new = tensor.extract_slice %x[%i, 0] [1, 2] [1, 1] : tensor<?x2xf32> to tensor<2xf32>
    %old = tensor.extract_slice %t[%row, 0] [1, 2] [1, 1] : tensor<4x2xf32> to tensor<2xf32>
    %sum = arith.addf %old, %new : tensor<2xf32>
    %u = tensor.insert_slice %sum into %t[%row, 0] [1, 2] [1, 1] : tensor<2xf32> into tensor<4x2xf32>
    scf.yield %u : tensor<4x2xf32>
  }
  sym.return updates(@table = %r : tensor<4x2xf32>)
}
func.func @main() {
  %ids0 = arith.constant dense<[3, 0, 3]> : tensor<3xi64>
  %ids = tensor.cast %ids0 : tensor<3xi64> to tensor<?xi64>
  %r = sym.call @lookup(%ids) : (tensor<?xi64>) -> tensor<?x2xf32>
  // CHECK: {{\[\[}}6. 7.]
  // CHECK-NEXT: [0. 1.]
  // CHECK-NEXT: [6. 7.]]
  sym.print %r : tensor<?x2xf32>
  sym.call @add(%ids, %r) : (tensor<?xi64>, tensor<?x2xf32>) -> ()
  %t = sym.get_value @table : tensor<4x2xf32>
  // CHECK: {{\[\[}} 0. 2.]
  // CHECK-NEXT: [ 2. 3.]
  // CHECK-NEXT: [ 4. 5.]
  // CHECK-NEXT: [18. 21.]]
  sym.print %t : tensor<4x2xf32>
  return
}
